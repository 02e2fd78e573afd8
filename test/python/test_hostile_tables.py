"""Tables designed to use much time or memory: each ends within a bound, with a result or an error message."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from trainyard.cost_limit import TooCostlyError, cpu_limit
from trainyard.data import InvalidDatasetError, describe, open_table, preview, read_table
from trainyard.data.shown import MAX_COLUMNS, MAX_NAME_CHARACTERS, MAX_TEXT

MANY = 1_000_000


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table of a million columns and three rows."""
    path = tmp_path_factory.mktemp("datasets") / "wide.csv"
    row = ",".join(["1.5"] * MANY) + "\n"
    path.write_text(",".join(f"c{number}" for number in range(MANY)) + "\n" + row * 3)
    return path


def test_description_and_preview_show_the_first_of_a_million_columns(wide: Path) -> None:
    with cpu_limit(60):
        described = describe(wide)
        shown = preview(wide)
    assert (len(described["columns"]), described["column_count"], described["rows"]) == (MAX_COLUMNS, MANY, 3)
    assert (len(shown["columns"]), shown["column_count"]) == (MAX_COLUMNS, MANY)
    assert {len(row) for row in shown["rows"]} == {MAX_COLUMNS}


def test_training_rejects_a_million_columns(wide: Path) -> None:
    with pytest.raises(InvalidDatasetError, match="1,000,000 columns found; the maximum for training is 100,000"):
        read_table(wide)


def test_a_new_key_in_each_of_many_objects_is_counted_once(tmp_path: Path) -> None:
    path = tmp_path / "keys.jsonl"
    path.write_text("".join(f'{{"k{number}": 1}}\n' for number in range(50_000)))
    with cpu_limit(30):  # a cell for each key in each row would be 2.5 billion cells
        assert (describe(path)["column_count"], describe(path)["rows"]) == (50_000, 50_000)


def test_the_total_length_of_names_is_limited(tmp_path: Path) -> None:
    path = tmp_path / "names.csv"
    path.write_text(",".join(f"{number}{'x' * 5000}" for number in range(500)) + "\n")
    columns = describe(path)["columns"]
    assert {len(name) for name in columns} == {MAX_TEXT}
    assert len(columns) == MAX_NAME_CHARACTERS // MAX_TEXT


def test_deeply_nested_values_are_rejected_with_their_place(tmp_path: Path) -> None:
    path = tmp_path / "deep.jsonl"
    errors = 0
    # Parsing and serializing have separate limits, somewhere below the recursion limit.
    depths = range(sys.getrecursionlimit() - 250, sys.getrecursionlimit())
    for depth in [20, *depths, 100_000]:
        path.write_text('{"a": ' + '{"a":' * depth + "1" + "}" * depth + "}\n")
        try:
            list(open_table(path).frames())
        except InvalidDatasetError as error:
            assert "line 1: values are nested too deeply" in str(error)
            errors += 1
    assert errors in range(1, len(depths) + 2)  # 20 levels are read


def test_an_error_does_not_repeat_a_long_name(tmp_path: Path) -> None:
    path = tmp_path / "twice.csv"
    path.write_text(f"{'x' * 100_000},{'x' * 100_000}\n")
    with pytest.raises(InvalidDatasetError, match="the column name occurs 2 times") as raised:
        describe(path)
    assert len(str(raised.value)) < 500


def test_work_above_its_cpu_limit_is_aborted_and_later_work_is_not() -> None:
    with pytest.raises(TooCostlyError, match=r"more than 0\.1 seconds"), cpu_limit(0.1):
        while True:
            pass
    started = time.process_time()
    while time.process_time() - started < 0.2:
        pass


def ask(home: Path, *arguments: str) -> list[dict[str, object]]:
    command = [sys.executable, "-m", "trainyard", *arguments]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [json.loads(line) for line in printed.splitlines()]


def test_one_costly_file_does_not_affect_the_others(tmp_path: Path) -> None:
    (tmp_path / "datasets").mkdir()
    (tmp_path / "datasets" / "rows.csv").write_text("a\n" + "1\n" * 20_000_000)
    (tmp_path / "datasets" / "good.csv").write_text("x,y\n1,2\n")
    rows, good = ask(tmp_path, "datasets", "--cpu-seconds", "0.5", str(tmp_path), "rows.csv", "good.csv")
    assert (rows["columns"], rows["rows"]) == (["a"], None)
    assert (good["columns"], good["rows"]) == (["x", "y"], 1)
    assert ask(tmp_path, "datasets", "--stop-after", "0", str(tmp_path), "good.csv") == []


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not enforce the limit")
@pytest.mark.parametrize("command", ["datasets", "preview"])
def test_a_file_that_needs_too_much_memory_is_reported(tmp_path: Path, command: str) -> None:
    (tmp_path / "datasets").mkdir()
    (tmp_path / "datasets" / "names.csv").write_text("".join(f"{n:06x}," for n in range(2_000_000)) + "a\n")
    (answer,) = ask(tmp_path, command, "--memory-mib", "128", str(tmp_path), "names.csv")
    assert answer["error"] == "Cannot read the dataset 'names.csv': reading it needs too much memory."
    assert answer["too_costly"] is True


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.json", "a.parquet"])
def test_ordinary_files_are_previewed_within_the_limits_of_the_server(tmp_path: Path, name: str) -> None:
    pl = pytest.importorskip("polars")
    (tmp_path / "datasets").mkdir()
    path = tmp_path / "datasets" / name
    frame = pl.DataFrame({"x": [0.5, 1.5] * 50_000, "t": ["a b", 'c "d"'] * 50_000, "y": [1, 2] * 50_000})
    match name.split(".", 1)[1]:
        case "parquet":
            frame.write_parquet(path)
        case "json":
            frame.write_json(path)
        case "csv":
            frame.write_csv(path)
        case _:
            path.write_bytes(gzip.compress(frame.write_csv().encode()))
    limits = ["--cpu-seconds", "5", "--memory-mib", "512"]
    (shown,) = ask(tmp_path, "preview", *limits, str(tmp_path), name)
    assert (shown["column_count"], shown["complete"]) == (3, False)
    (described,) = ask(tmp_path, "datasets", *limits, str(tmp_path), name)
    assert (described["rows"], described["columns"]) == (100_000, ["x", "t", "y"])


def test_a_lone_surrogate_does_not_break_a_preview(tmp_path: Path) -> None:
    (tmp_path / "datasets").mkdir()
    (tmp_path / "datasets" / "a.jsonl").write_text('{"a": "\\ud800", "b": 1}\n')
    (shown,) = ask(tmp_path, "preview", str(tmp_path), "a.jsonl")
    assert shown["rows"] == [["\N{REPLACEMENT CHARACTER}", "1"]]
