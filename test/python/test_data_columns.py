"""Inference of column kinds, and loading of columns."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from trainyard.data import (
    CategoryColumn,
    DateColumn,
    InvalidDatasetError,
    NumberColumn,
    choose_features,
    kind_of,
    load_columns,
    open_table,
    profile_table,
)
from trainyard.data.dates import parse_date
from trainyard.data.kinds import ColumnKind
from trainyard.data.values import is_missing, parse_number


def table(folder: Path, values: list[str], name: str = "c", delimiter: str = ",") -> Path:
    path = folder / "a.csv"
    rows = "".join(f'"{value}"{delimiter}{row}\n' for row, value in enumerate(values))
    path.write_text(f"{name}{delimiter}other\n{rows}", encoding="utf-8")
    return path


def kind(path: Path) -> ColumnKind:
    return kind_of(next(iter(profile_table(open_table(path)).values())))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 1),
        ("-1.5e3", -1500),
        (" 7 ", 7),
        ("1,234", 1234),
        ("1,234,567.5", 1234567.5),
        ("$1,200.00", 1200),
        ("45%", 45),
        ("€ 3", 3),
        ("inf", math.inf),
        ("1e999", math.inf),
        ("1_000", None),
        ("12,34", None),
        ("0x1f", None),
        ("abc", None),
        ("", None),
    ],
)
def test_common_number_formats_are_parsed(text: str, number: float | None) -> None:
    assert parse_number(text) == number


def test_a_comma_is_a_decimal_separator_only_with_decimal_comma() -> None:
    assert parse_number("1,5", decimal_comma=True) == 1.5
    assert parse_number("1,234", decimal_comma=True) == 1.234
    assert parse_number("1,5") is None


@pytest.mark.parametrize("text", ["", "NA", "n/a", "NaN", "null", "None", "?", "#N/A"])
def test_common_markers_are_missing_values(text: str) -> None:
    assert is_missing(text)


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("1970-01-02", "YMD", 1.0),
        ("1970-01-02T12:00:00Z", "YMD", 1.5),
        ("1970-01-02 12:00", "YMD", 1.5),
        ("1970-01-02T12:00:00.000+12:00", "YMD", 1.0),
        ("1970/1/2", "YMD", 1.0),
        ("2.1.1970", "DMY", 1.0),
        ("01/02/1970", "MDY", 1.0),
        ("01/02/1970 6:00 PM", "MDY", 1.75),
        ("2 January 1970", "DMY", 1.0),
        ("02-Jan-1970", "DMY", 1.0),
        ("Jan 2, 1970", "MDY", 1.0),
        ("1970-02-30", "YMD", None),
        ("31/31/1970", "DMY", None),
        ("1970-01", "YMD", None),
        ("12.5.3", "DMY", None),
    ],
)
def test_dates_are_days_since_1970(text: str, order: str, day: float | None) -> None:
    assert parse_date(text, order) == day  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["1", "2.5", "-3"], ColumnKind("number")),
        (["1", "", "NaN", "4"], ColumnKind("number")),
        (["1", "-", "unknown", "4"], ColumnKind("number")),
        (["true", "false", "true"], ColumnKind("category")),
        (["a", "b", "a", "1", "2"], ColumnKind("category")),
        (["2025-01-01", "2025-02-01", ""], ColumnKind("date", "YMD")),
        (["13/01/2025", "01/02/2025"], ColumnKind("date", "DMY")),
        (["01/13/2025", "01/02/2025"], ColumnKind("date", "MDY")),
    ],
)
def test_the_kind_of_a_column_is_inferred(tmp_path: Path, values: list[str], expected: ColumnKind) -> None:
    assert kind(table(tmp_path, values)) == expected


@pytest.mark.parametrize(
    ("values", "name", "words"),
    [
        (["", "NA", "?"], "c", "empty"),
        (["7", "7", "7.0"], "c", "same number"),
        (["a", "a", "a"], "c", "same text"),
        (["ann", "bob", "cid"], "c", "identifier (all values differ)"),
        (["1", "2", "3", "4"], "ID", "row number"),
    ],
)
def test_columns_without_information_are_excluded_with_a_reason(
    tmp_path: Path, values: list[str], name: str, words: str
) -> None:
    profiles = profile_table(open_table(table(tmp_path, values, name)))
    features = choose_features(profiles, ["other"])
    assert features.kinds == {}
    (note,) = features.notes
    assert note.startswith(f"Column {name!r} is excluded: ") and words in note


def test_consecutive_numbers_are_a_feature_unless_the_name_suggests_a_row_number(tmp_path: Path) -> None:
    assert kind(table(tmp_path, ["1", "2", "3", "4"], "distance")).kind == "number"
    assert kind(table(tmp_path, ["1", "2", "4", "3"], "id")).kind == "number"


def test_a_few_texts_among_numbers_count_as_missing_and_are_reported(tmp_path: Path) -> None:
    path = table(tmp_path, [*map(str, range(40)), "many"])
    found = kind(path)
    assert found.kind == "number"
    assert found.note is not None
    assert "'many' in line 42" in found.note
    column = load_columns(open_table(path), {"c": found})["c"]
    assert isinstance(column, NumberColumn)
    assert math.isnan(column.values[40])


def test_columns_are_loaded_as_arrays(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(
        '{"n": 1.5, "t": "a", "d": "2025-01-01"}\n{"n": NaN, "t": "b", "d": null}\n{"t": "a", "d": "2025-01-03"}\n'
    )
    file = open_table(path)
    kinds = {name: kind_of(profile) for name, profile in profile_table(file).items()}
    number, text, date = load_columns(file, kinds).values()
    assert isinstance(number, NumberColumn) and isinstance(text, CategoryColumn) and isinstance(date, DateColumn)
    assert number.values[0] == 1.5 and math.isnan(number.values[1]) and math.isnan(number.values[2])
    assert (list(text.codes), list(text.levels)) == ([0, 1, 0], ["a", "b"])
    assert date.values[2] - date.values[0] == 2 and math.isnan(date.values[1])


def test_decimal_commas_are_parsed_with_semicolons_as_delimiter(tmp_path: Path) -> None:
    path = table(tmp_path, ["1,5", "2,25", "3"], delimiter=";")
    column = load_columns(open_table(path), {"c": kind(path)})["c"]
    assert isinstance(column, NumberColumn)
    assert list(column.values) == [1.5, 2.25, 3.0]


@pytest.mark.parametrize("value", ["inf", "-Infinity", "1e999"])
def test_an_infinite_number_is_rejected_with_its_place(tmp_path: Path, value: str) -> None:
    path = table(tmp_path, ["1", "2", value, "4"])
    with pytest.raises(InvalidDatasetError, match=r"a.csv, line 4, column 'c': .*infinite"):
        load_columns(open_table(path), {"c": kind(path)})


def test_a_header_without_rows_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(InvalidDatasetError, match="the file has no rows below its header"):
        profile_table(open_table(table(tmp_path, [])))
