"""Realistic tables: each trains on the right columns, or fails with a sentence that says what to change."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from job_under_test import JobUnderTest

torch = pytest.importorskip("torch", reason="PyTorch is not installed: nothing can be trained")

from trained_job import train

from trainyard.data import InvalidDatasetError
from trainyard.trainers.tabular.options import Options
from trainyard.trainers.tabular.predict import predict_file
from trainyard.trainers.tabular.prepare import Prepared, prepare

Row = dict[str, Any]
ROWS = 60


def rows(make: Callable[[int, random.Random], Row]) -> list[Row]:
    chance = random.Random(7)
    return [make(number, chance) for number in range(ROWS)]


def write(folder: Path, table: list[Row] | str, name: str = "table.csv", delimiter: str = ",") -> Path:
    path = folder / name
    with path.open("w", encoding="utf-8", newline="") as file:
        if isinstance(table, str):
            file.write(table)
            return path
        names = list(dict.fromkeys(key for row in table for key in row))
        writer = csv.DictWriter(file, names, delimiter=delimiter, lineterminator="\n")
        writer.writeheader()
        writer.writerows(table)
    return path


def prepared(path: Path, **options: Any) -> Prepared:
    return prepare(path, Options.read(options), seed=0)


def comma(value: float) -> str:
    return f"{value:.2f}".replace(".", ",")


def german(value: float) -> str:
    return f"{value:,.2f}".translate(str.maketrans(",.", ".,"))


def bracketed(value: float) -> str:
    return f"({-value:.2f})" if value < 0 else f"{value:.2f}"


@pytest.mark.parametrize(
    ("written", "note"),
    [
        (comma, "decimal commas"),
        (german, "thousands separators (dot)"),
        (bracketed, "brackets for negative numbers"),
        (lambda value: f"{value:.2f}".replace("-", "\u2212"), "other minus signs"),
        (lambda value: f"{value:,.2f}".replace(",", "\u202f"), "thousands separators (space)"),
        (lambda value: f"{value:,.1f}".replace(",", "'"), "thousands separators (apostrophe)"),
        (lambda value: f"{value:.1f} mg/l", "the unit 'mg/l'"),
        (lambda value: f"£{value:,.2f}".replace("£-", "-£"), "the unit '£'"),
        (lambda value: f"{value:.1f}%", "percent signs"),
        (lambda value: f"{value:.1f}".translate(str.maketrans("0123456789", "०१२३४५६७८९")), "digits of another"),
    ],
)
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_features_and_targets_in_any_notation_are_the_same_numbers(
    tmp_path: Path, written: Callable[[float], str], note: str, delimiter: str
) -> None:
    numbers = [random.Random(row).uniform(-5000, 5000) for row in range(ROWS)]
    table = [{"x": written(number), "y": written(-number)} for number in numbers]
    data = prepared(write(tmp_path, table, delimiter=delimiter))
    assert (data.schema.task, data.schema.kinds["x"].kind) == ("regression", "number")
    assert [line for line in data.notes if line.startswith("Column 'x'") and note in line]
    assert [line for line in data.notes if line.startswith("Target 'y'") and note in line]
    values = data.table.values[:, 0]
    assert max(abs(values + numbers)) < 0.06


def number(row: int, chance: random.Random) -> Row:
    a = chance.uniform(0, 10)
    return {"a": f"{a:.2f}", "color": "red" if row % 3 else "blue", "y": f"{2 * a:.2f}"}


def labelled(*labels: str) -> Callable[[int, random.Random], Row]:
    def make(row: int, chance: random.Random) -> Row:
        return {"a": f"{chance.uniform(0, 10):.2f}", "label": labels[row % len(labels)]}

    return make


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        (("null", "yes", "null"), ["null", "yes"]),
        (("NA", "DE", "FR"), ["DE", "FR", "NA"]),
        (("None", "n/a", "some"), ["None", "n/a", "some"]),
        (("0042", "0100"), ["0042", "0100"]),
        (("90071992547409931", "90071992547409932"), ["90071992547409931", "90071992547409932"]),
        (("100", "200", "300"), ["100", "200", "300"]),
        (tuple(map(str, range(1, 13))), [str(month) for month in range(1, 13)]),
        (("1.0", "0.0"), ["0", "1"]),
        (("Oui", "oui", "OUI", "Non", "non\u200b", "NON\u00a0"), ["Non", "Oui"]),
        (("+", "-"), ["+", "-"]),
        (("3 stars", "5 stars"), ["3 stars", "5 stars"]),
    ],
)
def test_classes_keep_each_letter(tmp_path: Path, labels: tuple[str, ...], classes: list[str]) -> None:
    data = prepared(write(tmp_path, rows(labelled(*labels))))
    assert (data.schema.task, data.schema.classes) == ("classification", classes)
    assert len(data.table.known) == ROWS


def test_spellings_of_a_class_have_a_note(tmp_path: Path) -> None:
    data = prepared(write(tmp_path, rows(labelled("Oui", "oui", "Non"))))
    assert "Target 'label': different spellings count as one value: 'Oui', 'oui'." in data.notes


@pytest.mark.parametrize(
    ("column", "cell", "kind", "note"),
    [
        ("weight", lambda row, _: f"{row * 1.7:.1f} lb", "number", "Column 'weight': numbers with the unit 'lb'."),
        (
            "sensor",
            lambda row, _: "broken" if row % 12 == 5 else f"{row / 7:.3f}",
            "number",
            "the first is 'broken' in line 7",
        ),
        (
            "plz",
            lambda row, _: f"0{row % 9 + 1}10{row % 4}",
            "category",
            "whole numbers with leading zeros: read as labels",
        ),
        ("bought", lambda row, _: f"{row % 28 + 1:02}.{row % 12 + 1:02}.{row % 30:02}", "date", None),
        ("at", lambda row, _: f"{row % 12 + 1}:{row:02} {'am' if row % 2 else 'PM'}", "time", None),
        ("moment", lambda row, _: f"2024-02-{row % 28 + 1:02}T{row % 24:02}:00:00+02:00", "date", None),
        ("month", lambda row, _: f"{row % 28 + 1} {('Jan', 'February', 'Mar.')[row % 3]} 2024", "date", None),
        (
            "remark",
            lambda row, c: " ".join(c.choices(["fast", "slow", "kind", "rude", "late"], k=3)) + f" {row}",
            "text",
            None,
        ),
        ("shop_id", lambda row, _: row % 5, "category", "numbers that name something"),
    ],
)
def test_the_kind_of_a_column_is_recognized(
    tmp_path: Path, column: str, cell: Callable[[int, random.Random], Any], kind: str, note: str | None
) -> None:
    data = prepared(write(tmp_path, rows(lambda row, chance: {column: cell(row, chance), **number(row, chance)})))
    assert data.schema.kinds[column].kind == kind
    assert note is None or any(note in line for line in data.notes)
    assert column in {encoder.column for encoder in data.schema.encoders}


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("", lambda row: (row * 37) % 1009),
        ("Unnamed: 0", lambda row: row + 1),
        ("patient_id", lambda row: 90000 - row * 13),
        ("userId", lambda row: f"u{row * 7919 % 10007}"),
        ("seat", lambda row: row * 7 % ROWS + 1),
        ("invoice", lambda row: f"{row * 7919 + 1:08}"),
    ],
)
@pytest.mark.parametrize("is_last", [False, True])
def test_identifiers_are_left_out_and_never_the_default_target(
    tmp_path: Path, column: str, cell: Callable[[int], Any], is_last: bool
) -> None:
    if is_last and column == "":
        pytest.skip("only a first column can have no name")
    make = (
        (lambda row, chance: {**number(row, chance), column: cell(row)})
        if is_last
        else (lambda row, chance: {column: cell(row), **number(row, chance)})
    )
    data = prepared(write(tmp_path, rows(make)))
    assert data.schema.targets == ["y"]
    assert {encoder.column for encoder in data.schema.encoders} == {"a", "color"}
    name = column or "Unnamed: 0"
    assert any(line.startswith(f"Column {name!r} is excluded: ") for line in data.notes)
    assert is_last == any(f"the last column {name!r} is not a target by default" in line for line in data.notes)


def test_columns_and_missing_override_the_inferred_kinds(tmp_path: Path) -> None:
    def make(row: int, chance: random.Random) -> Row:
        return {
            "level": row % 4,
            "note": "x",
            "code": f"0{row % 3}",
            "z": "-999" if row % 10 == 0 else row,
            **number(row, chance),
        }

    options = {"columns": {"level": "CATEGORY", "color": "IGNORE", "code": "NUMBER"}, "missing": ["-999"]}
    data = prepared(write(tmp_path, rows(make)), **options)
    assert {name: kind.kind for name, kind in data.schema.kinds.items()} == {
        "level": "category",
        "code": "number",
        "z": "number",
        "a": "number",
    }
    assert "Missing values: 'z': 6 '-999'." in data.notes
    assert "Column 'color' is excluded: left out by the option columns." in data.notes


@pytest.mark.parametrize("word", ["Total", "Grand total", "SUM:"])
def test_a_total_in_the_last_row_has_a_note(tmp_path: Path, word: str) -> None:
    table = [{"region": "NSEW"[row % 4], "sales": f"{row * 1.5}"} for row in range(ROWS)]
    (note,) = [
        line for line in prepared(write(tmp_path, [*table, {"region": word, "sales": "2655"}])).notes if "total" in line
    ]
    assert (
        note
        == f"The last row (line {ROWS + 2}) may be a total of the others: its 'region' is {word!r}. If so, remove it."
    )
    labels = [{**row, "region": word if number % 2 else row["region"]} for number, row in enumerate(table)]
    assert not any("may be a total" in line for line in prepared(write(tmp_path, labels)).notes)


def test_a_column_that_nearly_equals_the_target_is_reported_with_the_correlation(tmp_path: Path) -> None:
    table = rows(lambda row, chance: {"copy": row + chance.gauss(0, 0.01), "x": chance.random(), "y": row * 3})
    assert any(
        "column 'copy' nearly equals the target (correlation 1.0000)" in line
        for line in prepared(write(tmp_path, table)).notes
    )
    table = rows(lambda row, chance: {"group": "AB"[row % 2], "x": chance.random(), "y": ["no", "yes"][row % 2]})
    (warning,) = [line for line in prepared(write(tmp_path, table)).notes if "nearly equals" in line]
    assert "'group'" in warning


def test_texts_that_count_as_missing_are_listed(tmp_path: Path) -> None:
    def make(row: int, chance: random.Random) -> Row:
        return {"n": ["", "NA", "?", "1.5"][min(3, row % 20)], "t": "None" if row % 2 else "a", **number(row, chance)}

    data = prepared(
        write(
            tmp_path,
            rows(lambda row, chance: {**make(row, chance), "n": row if row % 20 > 2 else ["", "NA", "?"][row % 20]}),
        )
    )
    assert "Missing values: 'n': 3 empty, 3 'NA', 3 '?'." in data.notes


def jsonl(table: list[Row]) -> str:
    return "".join(json.dumps(row) + "\n" for row in table)


HEADER = "a,b,y\n"
BODY = "".join(f"{row}.5,{row % 3},{row * 2}\n" for row in range(30))


@pytest.mark.parametrize(
    ("content", "options", "words"),
    [
        (HEADER + "1,2,3\n", {}, ["too few rows: 1 row", "need at least 5"]),
        (
            HEADER + "1,2,\n" * 20 + "1,2,3\n4,5,6\n",
            {},
            ["too few rows: 2 rows with a target value", "20 rows have no target value"],
        ),
        ("value\n" + "1\n2\n" * 10, {}, ["line 1", "only one column was found ('value')", "tab"]),
        (HEADER + BODY, {"target": "Y"}, ["'Y' not found", "Did you mean 'y'", "Available columns: a, b, y"]),
        (HEADER + BODY, {"columns": {"bb": "IGNORE"}}, ["option columns names 'bb'", "Did you mean 'b'"]),
        (HEADER + BODY + "a,b,y\n" + BODY, {}, ["line 32", "the header occurs again", "Remove this line"]),
        ("a,b,y\n" + "1,2,x\n3,4,z\n" * 9 + "a,b,y\n", {}, ["line 20", "the header occurs again"]),
        (HEADER + BODY + "1,2,many\n", {}, ["line 32, column 'y'", "'many' is not a number"]),
        (
            "id,index\n" + "".join(f"{row},{row}\n" for row in range(30)),
            {},
            ["every column is an identifier", "option target"],
        ),
        (
            "a,id\n" + "".join(f"{row % 7}.5,{row}\n" for row in range(30)),
            {"target": "id"},
            ["column 'id'", '{"id": "NUMBER"}'],
        ),
        (
            "a,when\n" + "".join(f"{row % 7}.5,2024-01-{row % 28 + 1:02}\n" for row in range(30)),
            {},
            ["column 'when'", "dates"],
        ),
        ("a,v\n" + "".join(f"{row % 7}.5,{row} {'kg' if row % 2 else 'g'}\n" for row in range(30)), {}, ["column 'v'"]),
    ],
)
def test_a_table_that_cannot_be_used_says_where_and_what_to_do(
    tmp_path: Path, content: str, options: dict[str, Any], words: list[str]
) -> None:
    with pytest.raises(InvalidDatasetError) as raised:
        prepared(write(tmp_path, content), **options)
    assert all(word in str(raised.value) for word in words), str(raised.value)


def test_the_target_is_the_name_that_the_rows_have_last(tmp_path: Path) -> None:
    table = [{"a": 1.5, "c": "x"}, *({"a": row / 3, "c": "xy"[row % 2], "y": row / 2} for row in range(40))]
    data = prepared(write(tmp_path, jsonl(table), "rows.jsonl"))
    assert (data.schema.targets, len(data.table.known)) == (["y"], 40)


@pytest.mark.parametrize("labels", [("0042", "0100"), ("90071992547409931", "90071992547409932"), ("None", "some")])
def test_predictions_keep_each_letter_of_the_classes(
    job: JobUnderTest, labels: tuple[str, str], tmp_path: Path
) -> None:
    table = rows(lambda row, chance: {"a": row % 2 + chance.random() / 4, "label": labels[row % 2]})
    train(job, job.dataset("table.csv", write(tmp_path, table).read_text()), epochs=20)
    model = job.home.checkpoint(job.job_id).with_suffix(".safetensors")
    predict_file(model, write(tmp_path, [{"a": 0.1}, {"a": 1.1}], "new.csv"), tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(newline="") as file:
        assert [row["prediction"] for row in csv.DictReader(file)] == list(labels)


def test_new_rows_are_read_in_the_notation_of_the_training(job: JobUnderTest, tmp_path: Path) -> None:
    table = rows(lambda row, chance: {"x": german(row * 100.0), "size": f"{row} cm", "y": german(row * 200.0)})
    train(job, job.dataset("table.csv", write(tmp_path, table, delimiter=";").read_text()), epochs=60)
    model = job.home.checkpoint(job.job_id)
    new = write(tmp_path, [{"x": "1.500,00", "size": "15 cm"}, {"x": "4.500", "size": "45 cm"}], "new.csv")
    assert predict_file(model, new, tmp_path / "out.csv") == []
    with (tmp_path / "out.csv").open(newline="") as file:
        low, high = (float(row["prediction"]) for row in csv.DictReader(file))
    assert abs(low - 3000) < 900 and abs(high - 9000) < 900


def test_a_text_predicts_the_target(job: JobUnderTest, tmp_path: Path) -> None:
    words = {"yes": ["great", "lovely", "perfect"], "no": ["awful", "broken", "useless"]}

    def make(row: int, chance: random.Random) -> Row:
        label = "yes" if row % 2 else "no"
        filler = chance.sample(["the", "box", "arrived", "with", "a", "blue", "lid", "today"], 4)
        return {"review": " ".join([*filler, chance.choice(words[label]), str(row)]), "good": label}

    status = train(job, job.dataset("table.csv", write(tmp_path, rows(make)).read_text()), epochs=30)
    assert status is not None
    model = job.home.checkpoint(job.job_id)
    new = [{"review": "the lid today lovely"}, {"review": "a useless blue box"}, {"review": ""}]
    predict_file(model, write(tmp_path, new, "new.csv"), tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(newline="") as file:
        assert [row["prediction"] for row in csv.DictReader(file)][:2] == ["yes", "no"]
