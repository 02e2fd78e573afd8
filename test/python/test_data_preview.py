"""`preview`: the first rows of a file, and columns inferred with the same rules as in training."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest

from trainyard.data import InvalidDatasetError, describe, infer_table, preview, read_table
from trainyard.data.preview import MAX_CHARACTERS, PROFILED_BYTES, PROFILED_ROWS
from trainyard.data.shown import MAX_COLUMNS, MAX_TEXT

MIXED = (
    "area,city,built,empty,odd,no\n"
    "1.5,Oslo,2025-03-01,,1,1\n"
    "NA,Bergen,2025-03-02,,-,2\n"
    "3,Oslo,,,3,3\n"
    "-4,-,2025-03-04,,4,4\n"
)


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize("compressed", [False, True])
def test_kinds_missing_values_and_first_rows_are_returned(tmp_path: Path, compressed: bool) -> None:
    content = gzip.compress(MIXED.encode()) if compressed else MIXED
    shown = preview(write(tmp_path, "a.csv" + ".gz" * compressed, content), rows=3)
    assert [(column["name"], column["kind"], column["gaps"], column["distinct"]) for column in shown["columns"]] == [
        ("area", "number", 1, 3),
        ("city", "category", 0, 3),
        ("built", "date", 1, 3),
        ("empty", "unusable", 4, 0),
        ("odd", "number", 1, 3),
        ("no", "unusable", 0, 4),
    ]
    assert shown["rows"] == [
        ["1.5", "Oslo", "2025-03-01", None, "1", "1"],
        [None, "Bergen", "2025-03-02", None, None, "2"],
        ["3", "Oslo", None, None, "3", "3"],
    ]
    assert (shown["columns"][0]["minimum"], shown["columns"][0]["maximum"]) == (-4, 3)
    assert (shown["columns"][1]["minimum"], shown["columns"][1]["note"]) == (None, None)
    assert shown["columns"][3]["note"] == "empty"
    assert (shown["column_count"], shown["rows_read"], shown["complete"]) == (6, 4, True)


def test_gaps_are_the_cells_that_are_none(tmp_path: Path) -> None:
    shown = preview(write(tmp_path, "a.csv", MIXED))
    for position, column in enumerate(shown["columns"]):
        assert column["gaps"] == sum(row[position] is None for row in shown["rows"])


def test_keys_of_every_object_are_columns(tmp_path: Path) -> None:
    lines = ['{"x": 1, "y": "a"}', '{"z": true, "y": "b"}', '{"x": null, "y": "a"}']
    shown = preview(write(tmp_path, "a.jsonl", "\n".join(lines)))
    assert [column["name"] for column in shown["columns"]] == ["x", "z", "y"]
    assert shown["rows"] == [["1", None, "a"], [None, "true", "b"], [None, None, "a"]]


@pytest.mark.parametrize("rows", [PROFILED_ROWS, PROFILED_ROWS + 1])
def test_a_preview_is_complete_if_it_read_every_row(tmp_path: Path, rows: int) -> None:
    path = write(tmp_path, "a.csv", "x,y\n" + "".join(f"{row % 7},{row}\n" for row in range(rows)))
    shown = preview(path)
    assert (shown["rows_read"], shown["complete"]) == (PROFILED_ROWS, rows == PROFILED_ROWS)


def test_a_complete_preview_agrees_with_the_training(tmp_path: Path) -> None:
    rows = (
        f"{i},{i % 3},{'ab'[i % 2]},text {i},2025-03-{i % 28 + 1:02},{'' if i % 5 else i},{i / 7},x\n"
        for i in range(PROFILED_ROWS - 1)
    )
    path = write(tmp_path, "a.csv", "id,few,label,free,day,gaps,number,same\n" + "".join(rows))
    shown = preview(path)
    assert shown["complete"]
    kinds = {name: column.kind for name, column in infer_table(read_table(path)).items()}
    assert {c["name"]: (c["kind"], c["note"]) for c in shown["columns"]} == {
        name: (kind.kind, kind.note) for name, kind in kinds.items()
    }


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.jsonl", "a.jsonl.gz"])
def test_a_large_file_is_not_read_beyond_its_head(tmp_path: Path, name: str) -> None:
    row = '{"x": 1, "y": "' + "a" * 1000 + '"}\n' if "jsonl" in name else "1," + "a" * 1000 + "\n"
    text = ("" if "jsonl" in name else "x,y\n") + row * (10 * PROFILED_BYTES // len(row))
    path = write(tmp_path, name, gzip.compress(text.encode(), 1) if name.endswith("gz") else text)
    with path.open("ab") as file:
        file.write(b"\xff no table at all")
    del text
    tracemalloc.start()
    shown = preview(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert not shown["complete"]
    assert 0 < shown["rows_read"] < PROFILED_ROWS
    assert peak < 6 * PROFILED_BYTES
    assert describe(path, at_most=PROFILED_BYTES)["rows"] is None


def test_a_record_cut_inside_its_quotes_is_not_counted(tmp_path: Path) -> None:
    record = '1,"' + "a\n" * 1000 + '"\n'
    path = write(tmp_path, "a.csv", "x,y\n" + record * (PROFILED_BYTES // len(record) + 10))
    shown = preview(path)
    assert not shown["complete"]
    assert shown["rows_read"] in range(1, PROFILED_BYTES // len(record) + 2)


def test_wide_and_long_tables_are_truncated(tmp_path: Path) -> None:
    wide = preview(write(tmp_path, "wide.csv", ",".join(f"c{i}" for i in range(5000)) + "\n" + ",".join(["1"] * 5000)))
    assert (len(wide["columns"]), len(wide["rows"][0]), wide["column_count"]) == (MAX_COLUMNS, MAX_COLUMNS, 5000)
    header = ",".join(f"c{i}" for i in range(500))
    long = preview(write(tmp_path, "long.csv", f"{header}\n" + (",".join(["a" * 2000] * 500) + "\n") * 5), rows=200)
    assert {len(cell or "") for row in long["rows"] for cell in row} == {MAX_TEXT}
    assert len(long["rows"]) == MAX_CHARACTERS // (500 * MAX_TEXT)


def test_a_header_alone_is_a_table_without_rows(tmp_path: Path) -> None:
    shown = preview(write(tmp_path, "a.csv", "x,y\n"))
    assert [column["kind"] for column in shown["columns"]] == ["unusable", "unusable"]
    assert (shown["rows"], shown["rows_read"], shown["complete"]) == ([], 0, True)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.csv", "x,y\n1,2,3\n", "line 2: 3 values found, 2 expected"),
        ("a.csv", "", "the file is empty"),
        ("a.csv", b"PK\x03\x04", "a zip archive"),
        ("a.csv", 'x,y\n1,"2\n', "invalid quoting"),
        ("a.csv.gz", gzip.compress(b"x,y\n1,2\n", mtime=0)[:-9], "damaged or truncated"),
        ("a.jsonl", '{"x": 1}\n{"x": \n', "line 2: invalid JSON"),
    ],
)
def test_a_broken_file_is_rejected_with_its_place(tmp_path: Path, name: str, content: str | bytes, says: str) -> None:
    path = write(tmp_path, name, content)
    with pytest.raises(InvalidDatasetError, match=says):
        preview(path)
    with pytest.raises(InvalidDatasetError, match=says):
        describe(path)


def test_a_header_without_an_end_is_rejected(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", '"x\n' + "a\n" * (PROFILED_BYTES // 2))
    with pytest.raises(InvalidDatasetError):
        preview(path)


def run(home: Path, *arguments: str) -> dict[str, object]:
    command = [sys.executable, "-m", "trainyard", *arguments]
    printed = subprocess.run(command, capture_output=True, text=True, check=True)
    shown: dict[str, object] = json.loads(printed.stdout)
    return shown


def test_the_command_prints_json_for_results_and_errors(tmp_path: Path) -> None:
    (tmp_path / "datasets").mkdir()
    write(tmp_path / "datasets", "-a.csv", MIXED)
    shown = run(tmp_path, "preview", "--rows", "1", "--", str(tmp_path), "-a.csv")
    assert shown["rows"] == [["1.5", "Oslo", "2025-03-01", None, "1", "1"]]
    assert "Dataset 'missing.csv' not found" in str(run(tmp_path, "preview", str(tmp_path), "missing.csv")["error"])
    assert run(tmp_path, "datasets", "--at-most", "1", "--", str(tmp_path), "-a.csv")["rows"] is None
