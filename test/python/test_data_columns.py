"""Inference of column kinds, and loading of columns."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from trainyard.data import (
    CategoryColumn,
    ColumnKind,
    DateColumn,
    Inferred,
    InvalidDatasetError,
    Kind,
    Notation,
    NumberColumn,
    choose_features,
    infer_column,
    infer_columns,
    infer_table,
    kind_from_json,
    read_column,
    read_table,
    to_column,
)
from trainyard.data.columns.characters import folded, same_letters
from trainyard.data.columns.dates import parse_dates, parse_times


def infer(values: list[Any], name: str = "c", wanted: Kind | None = None, **options: Any) -> Inferred:
    """Infer a column of texts, with None for an empty cell, or of typed values."""
    texts = all(value is None or isinstance(value, str) for value in values)
    cells = [value or None for value in values] if texts else values
    return infer_column(pl.Series(name, cells, dtype=pl.String if texts else None), wanted=wanted, **options)


def numbers(values: list[Any], **options: Any) -> list[float | None]:
    column = to_column(infer(values, **options))
    assert isinstance(column, NumberColumn)
    return [None if math.isnan(value) else value for value in column.values]


def table(folder: Path, values: list[str], name: str = "c", delimiter: str = ",") -> Path:
    path = folder / "a.csv"
    rows = "".join(f'"{value}"{delimiter}{row}\n' for row, value in enumerate(values))
    path.write_text(f"{name}{delimiter}other\n{rows}", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("texts", "expected", "words"),
    [
        (["1", "-1.5e3", "+.5"], [1, -1500, 0.5], None),
        (["1,234", "1,234,567.5"], [1234, 1234567.5], "thousands separators (comma)"),
        (["1.234,5", "0,25"], [1234.5, 0.25], "decimal commas and thousands separators (dot)"),
        (["8,47", "3,8", "-2,5"], [8.47, 3.8, -2.5], "decimal commas"),
        (["1 234,5", "12 000"], [1234.5, 12000], "thousands separators (space)"),
        (["1\u202f234", "56\u202f000"], [1234, 56000], "thousands separators (space)"),
        (["1'234.5", "2\u2019000"], [1234.5, 2000], "thousands separators (apostrophe)"),
        (["12,34,567", "1.5"], [1234567, 1.5], "thousands separators (comma)"),
        (["12 kg", "0.5kg", "7"], [12, 0.5, 7], "the unit 'kg'"),
        (["3,5 km²", "12,25 km²"], [3.5, 12.25], "decimal commas and the unit 'km2'"),
        (["$1,200.00", "$5"], [1200, 5], "the unit '$'"),
        (["€ 3", "-€4"], [3, -4], "the unit '€'"),
        (["45%", "50 %"], [45, 50], "percent signs"),
        (["(2.54)", "0.04", "(1)"], [-2.54, 0.04, -1], "brackets for negative numbers"),
        (["\u22122.54", "0.04"], [-2.54, 0.04], "other minus signs"),
        (["\u0664\u0665\u066b\u0665", "\u0661\u0662"], [45.5, 12], "digits of another script"),
        (["\uff14\uff12", "\uff17"], [42, 7], "digits of another script"),
        (["1.5k", "900", "2M"], [1500, 900, 2_000_000], "the unit 'k'"),
        (["$1.5K", "$900", "-$2M"], [1500, 900, -2_000_000], "the unit '$' and factors (K, M)"),
        (["1,5 Mio. €", "2 €"], [1_500_000, 2], "the unit '€' and factors (Mio.)"),
        (["12 M$", "3 M$"], [12_000_000, 3_000_000], "the unit '$' and factors (M)"),
        (["\u20b93 Cr", "\u20b92.5L"], [30_000_000, 250_000], "factors (Cr, L)"),
        (["$ 12", "$ -", "$-"], [12, 0, 0], "a dash for 0"),
        (["%4,5", "%50"], [4.5, 50], "percent signs"),
        (["\u0664\u0665\u066a", "\u0661\u066a"], [45, 1], "percent signs"),
        (["1.5x10^3", "2\u00d710\u00b2"], [1500, 200], "powers of ten"),
        (["5-", "3"], [-5, 3], None),
        (["$(1,200.00)", "$5"], [-1200, 5], "brackets for negative numbers"),
        (["Rs. 1,00,000/-", "Rs. 50/-"], [100_000, 50], "the unit 'Rs.'"),
        (["12 kg", "0.5 KG", "7 Kg"], [12, 0.5, 7], "the unit 'kg'"),
        (["3 per day", "5 per day"], [3, 5], "the unit 'per day'"),
        (["3 [kg]", "4.5[kg]"], [3, 4.5], "the unit '[kg]'"),
        (["1,5", "2.5", "3.25"], [1.5, 2.5, 3.25], "decimal commas"),
    ],
)
def test_numbers_are_read_as_people_write_them(texts: list[str], expected: list[float], words: str | None) -> None:
    found = infer(texts)
    assert (found.kind.kind, numbers(texts)) == ("number", expected)
    assert words is None or words in (found.kind.note or "")


@pytest.mark.parametrize(
    "texts",
    [
        ["12.5.3", "1.2.4"],
        ["- kg", "$%5"],
        ["3x4", "2x5"],
        ["AB12", "CD34"],
        ["1_000", "2_000"],
        ["0x1f", "0x2e"],
        ["12³", "13²"],
        ["1 mg", "2 Mg"],
    ],
)
def test_texts_that_only_resemble_numbers_are_not_numbers(texts: list[str]) -> None:
    assert infer(texts * 3).kind.kind == "category"


def test_the_delimiter_decides_about_a_comma_that_can_be_either() -> None:
    assert numbers(["1,234", "5,678"]) == [1234, 5678]
    assert numbers(["1,234", "5,678"], decimal_comma=True) == [1.234, 5.678]


def test_dots_separate_thousands_in_a_table_with_decimal_commas() -> None:
    table = pl.DataFrame({"a": ["1,5", "2,25", "3"], "b": ["1.234", "12.500", "7"], "c": ["1", "2", "4"]})
    found = infer_columns(table)
    assert found["b"].kind.note == "numbers with thousands separators (dot)"
    assert [list(to_column(column).values) for column in found.values()] == [  # type: ignore[union-attr]
        [1.5, 2.25, 3],
        [1234, 12500, 7],
        [1, 2, 4],
    ]
    points = infer_columns(table.with_columns(d=pl.Series(["0.5", "1.5", "2"])))
    assert points["b"].numbers is not None and points["b"].numbers.to_list() == [1.234, 12.5, 7]


def test_numbers_with_different_units_are_labels_with_a_note() -> None:
    found = infer(["1 kg", "500 g", "2 kg", "300 g"] * 3)
    assert found.kind.kind == "category"
    assert found.kind.note is not None
    assert "12 of 12 values look like numbers, with different units ('kg', 'g'; " in found.kind.note
    assert "the first are '500 g' in line 3, '300 g' in line 5" in found.kind.note


def test_labels_that_are_mostly_numbers_have_a_note() -> None:
    found = infer(["1", "2", "3", "G"] * 10)
    assert found.kind.kind == "category"
    assert "30 of 40 values look like numbers, and the others do not: the first is 'G' in line 5" in (
        found.kind.note or ""
    )


@pytest.mark.parametrize("marker", ["NA", "n/a", "NaN", "null", "None", "?", "#N/A", "-", "unknown", "--"])
def test_a_usual_marker_among_numbers_is_missing_and_is_counted(marker: str) -> None:
    found = infer(["1.5", marker, "2", "", marker])
    assert (found.kind.kind, found.missing) == ("number", {"": 1, marker: 2})
    assert numbers(["1.5", marker, "2", "", marker]) == [1.5, None, 2, None, None]


@pytest.mark.parametrize("label", ["None", "NA", "null", "n/a", "unknown", "-"])
def test_among_texts_a_marker_is_a_value(label: str) -> None:
    values = [label, "yes", "", label]
    column = to_column(infer(values))
    assert isinstance(column, CategoryColumn)
    assert (list(column.codes), column.levels, infer(values).missing) == ([0, 1, -1, 0], [label, "yes"], {"": 1})


@pytest.mark.parametrize("values", [["a", "None", "b", "a"], ["1", "-999", "3.5"], [1, -999, 3], [1.5, -999.0, 3.0]])
def test_the_option_missing_adds_texts_in_every_kind_of_column(values: list[Any]) -> None:
    found = infer(values, missing=["None", "-999"])
    assert (sum(found.missing.values()), found.cells.null_count()) == (1, 1)


@pytest.mark.parametrize(
    ("texts", "seconds"),
    [
        (["PT1H30M", "P1DT1S", "PT0.5S", "P1W"], [5400, 86_401, 0.5, 604_800]),
        (["27:15:03", "0:00:01.5", "7:30:00"], [98_103, 1.5, 27_000]),
        (["2 days 03:00:00", "0 days 00:00:01", "-1 days +23:00:00"], [183_600, 1, -3600]),
        (["2 days, 3:00:00", "0:10:00"], [183_600, 600]),
        (["1 h 20 min", "45 min", "2h"], [4800, 2700, 7200]),
        (["2d 5h", "1w 1d"], [190_800, 691_200]),
    ],
)
def test_durations_are_numbers_of_seconds(texts: list[str], seconds: list[float]) -> None:
    found = infer(texts)
    assert (found.kind.kind, found.kind.note) == ("number", "durations, read as seconds")
    assert numbers(texts) == seconds
    # New rows can have seconds, as a form sends them.
    assert found.kind.notation.read(pl.Series(["90", texts[0], "x"])).to_list() == [90, seconds[0], None]


def test_a_few_other_texts_among_durations_count_as_missing_and_are_reported() -> None:
    note = infer([f"{hour}:00:30" for hour in range(20, 40)] + ["P1Y"]).kind.note or ""
    assert note.startswith("durations, read as seconds; 1 of 21 values are not durations")
    assert "'P1Y' in line 22" in note


def test_times_of_day_and_single_units_are_no_durations() -> None:
    assert infer(["07:30:00", "18:15:30"]).kind.kind == "time"
    assert infer(["90 min", "45 min"]).kind.notation.unit == "min"
    assert infer(["P1", "P2", "P1"]).kind.kind == "category"


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("1970-01-02", "YMD", 1.0),
        ("1970-01-02T12:00:00Z", "YMD", 1.5),
        ("1970-01-02 12:00", "YMD", 1.5),
        ("1970-01-02T12:00:00.000+12:00", "YMD", 1.0),
        ("1970-01-02T13:00:00+01:00[Europe/Berlin]", "YMD", 1.5),
        ("1970-01-02T12:00+0000", "YMD", 1.5),
        ("1970/1/2", "YMD", 1.0),
        ("19700102", "YMD", 1.0),
        ("1970-02", "YMD", 31.0),
        ("1970年1月2日", "YMD", 1.0),
        ("1970年2月", "YMD", 31.0),
        ("1970. 1. 2.", "YMD", 1.0),
        ("1970-01-02 12:00 CET", "YMD", 1.0 + 11 / 24),
        ("1970-01-02 19:00:00 EST", "YMD", 2.0),
        ("2.1.1970", "DMY", 1.0),
        ("02.01.70", "DMY", 1.0),
        ("01/02/24", "DMY", 19754.0),
        ("01/02/1970", "MDY", 1.0),
        ("01/02/1970 6:00 PM", "MDY", 1.75),
        ("2 January 1970", "DMY", 1.0),
        ("2nd January 1970", "DMY", 1.0),
        ("2nd of January 1970", "DMY", 1.0),
        ("02.Jan.1970", "DMY", 1.0),
        ("02/Jan/1970:12:00:00 +0000", "DMY", 1.5),
        ("02/1970", "DMY", 31.0),
        ("13/1970", "DMY", None),
        ("2 января 1970", "DMY", 1.0),
        ("2 stycznia 1970", "DMY", 1.0),
        ("02-Jan-1970", "DMY", 1.0),
        ("02-Jan-70", "DMY", 1.0),
        ("Jan 2, 1970", "MDY", 1.0),
        ("Fri, 02 Jan 1970 12:00:00 GMT", "DMY", 1.5),
        ("Fri Jan  2 12:00:00 1970", "DMY", 1.5),
        ("Feb 1970", "DMY", 31.0),
        ("2. März 1970", "DMY", 60.0),
        ("2 févr. 1970", "DMY", 32.0),
        ("1er août 1970", "DMY", 212.0),
        ("2 de mayo de 1970", "DMY", 121.0),
        ("2 giugno 1970", "DMY", 152.0),
        ("juillet 1970", "DMY", 181.0),
        ("1970-01-02", "DMY", 1.0),
        ("1970-Q2", "YMD", 90.0),
        ("Q4 1970", "YMD", 273.0),
        ("1970-W01", "YMD", -3.0),
        ("1970-W02-3", "YMD", 6.0),
        ("1970-Q5", "YMD", None),
        ("1970-W54", "YMD", None),
        ("set 12", "DMY", None),
        ("\u0660\u0662/\u0660\u0661/\u0661\u0669\u0667\u0660", "DMY", 1.0),
        ("2000-02-29", "YMD", 11016.0),
        ("1900-02-29", "YMD", None),
        ("1970-02-30", "YMD", None),
        ("31/31/1970", "DMY", None),
        ("1970-01-02 25:00", "YMD", None),
        ("12.5.3", "DMY", None),
    ],
)
def test_dates_are_days_since_1970(text: str, order: Any, day: float | None) -> None:
    assert parse_dates(pl.Series([text]), order).to_list() == [day]


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("00:00", 0),
        ("18:00", 0.75),
        ("18h00", 0.75),
        ("T18:00", 0.75),
        ("6:00 p. m.", 0.75),
        ("6:00:00 PM", 0.75),
        ("6pm", 0.75),
        ("12am", 0),
        ("24:00", None),
        ("13 PM", None),
    ],
)
def test_times_are_fractions_of_a_day(text: str, time: float | None) -> None:
    assert parse_times(pl.Series([text])).to_list() == [time]


@pytest.mark.parametrize(
    ("values", "kind", "order"),
    [
        (["1", "2.5", "-3"], "number", None),
        (["true", "false", "true"], "category", None),
        ([True, False, True], "category", None),
        (["a", "b", "a", "1", "2"], "category", None),
        (["2025-01-01", "2025-02-01", ""], "date", "YMD"),
        (["13/01/2025", "01/02/2025"], "date", "DMY"),
        (["01/13/2025", "01/02/2025"], "date", "MDY"),
        (["15/01/23", "20/01/23"], "date", "DMY"),
        (["99-12-31", "98-01-15"], "date", "YMD"),
        (["2025-01-13", "13/01/2025", "2025-02-01", "02/01/2025"], "date", "DMY"),
        (["2. Mai 2025", "3. März 2025"], "date", "DMY"),
        (["2024Q1", "2024Q4"], "date", "YMD"),
        (["20250101", "20250231"], "number", None),
        (["07:30", "18:15", "NA"], "time", None),
        (["good work", "very good work", "bad work"], "text", None),
        (["よい仕事でした", "とてもよい仕事", "悪い仕事でした"], "text", None),
    ],
)
def test_the_kind_of_a_column_is_inferred(values: list[Any], kind: str, order: str | None) -> None:
    found = infer(values).kind
    assert (found.kind, found.date_order) == (kind, order)


def test_whole_numbers_that_are_all_dates_are_read_as_dates_with_a_note() -> None:
    for values in (["20240229", "20241231"], [20240229, 20241231]):
        found = infer(values)
        assert (found.kind.kind, found.kind.date_order) == ("date", "YMD")
        assert "read as dates" in (found.kind.note or "")
        column = to_column(found)
        assert isinstance(column, DateColumn)
        assert list(column.values) == [19782, 20088]


@pytest.mark.parametrize(
    ("values", "name", "words"),
    [
        (["", "NA", "?"], "c", "empty"),
        (["7", "7", "7.0"], "c", "same number"),
        (["a", "a", "a"], "c", "same text"),
        (["2025-01-01", "2025-01-01"], "c", "same date"),
        (["ann", "bob", "cid"], "c", "identifier (all values differ)"),
        (["1", "2", "3", "4"], "ID", "row number"),
        (["1", "2", "4", "3"], "id", "row number"),
        (["826", "885", "807", "303"], "Unnamed: 0", "row number"),
        (["826", "885", "807", "303"], "customerId", "identifier (all values differ)"),
        (["0826", "0885", "0807"], "code", "identifier (whole numbers with leading zeros, all different)"),
        ([str(7 * row % 30) for row in range(30)], "c", "row number out of order"),
        ([str(77 * row % 101) for row in range(60)], "X", "row number out of order"),
        (["826", "885", "807"], "#", "row number"),
        (["826", "885", "807"], "Sl. No.", "identifier (all values differ)"),
        (["826", "885", "807"], "id_customer", "identifier (all values differ)"),
    ],
)
def test_columns_without_information_are_excluded_with_a_reason(values: list[str], name: str, words: str) -> None:
    features = choose_features({name: infer(values, name)}, ["other"])
    assert features.columns == {}
    (note,) = features.notes
    assert note.startswith(f"Column {name!r} is excluded: ") and words in note


def test_whole_numbers_in_order_are_a_feature_unless_the_name_suggests_a_row_number() -> None:
    assert infer(["1", "2", "3", "4"], "distance").kind.kind == "number"
    assert infer([str(row) for row in range(30)], "distance").kind.kind == "number"
    assert infer([str(77 * row % 101 * 10) for row in range(60)], "setting").kind.kind == "number"
    assert infer([str(1960 + 77 * row % 101) for row in range(60)], "year").kind.kind == "number"
    assert infer([str(row * row * 77 % 10_007) for row in range(60)], "price").kind.kind == "number"


@pytest.mark.parametrize(
    ("values", "name"),
    [
        (["00501", "90210", "00501"], "zip"),
        (["90210", "10001", "90210", "10001"], "postal_code"),
        (["+0049", "+0033"] * 2, "prefix"),
        (["0", "00", "000"] * 2, "code"),
        (["1582218195625938945", "1782218195625938947"] * 3, "account"),
        ([1582218195625938945, 1782218195625938947] * 3, "account"),
        (["1", "2", "3"] * 4, "store_id"),
    ],
)
def test_numbers_that_name_something_are_labels_to_the_letter(values: list[Any], name: str) -> None:
    found = infer(values, name)
    column = to_column(found)
    assert isinstance(column, CategoryColumn)
    assert column.levels == list(dict.fromkeys(map(str, values)))
    assert "read as labels" in (found.kind.note or "")


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["00501", "90210", "NA", "00501"], "category"),
        (["90071992547409931", "90071992547409932", "NA"] * 3, "category"),
        (["20240101", "NA", "20241231"], "date"),
        (["1", "NA", "3"], "number"),
    ],
)
def test_a_marker_among_whole_numbers_is_missing_and_changes_nothing_else(values: list[str], kind: str) -> None:
    found = infer(values)
    assert (found.kind.kind, found.missing) == (kind, {"NA": values.count("NA")})
    for column in (to_column(found), read_column(pl.Series("c", values), kind_from_json(found.kind.to_json()))):
        if isinstance(column, CategoryColumn):
            assert [code == -1 for code in column.codes] == [value == "NA" for value in values]
        else:
            assert isinstance(column, (NumberColumn, DateColumn))
            assert [math.isnan(value) for value in column.values] == [value == "NA" for value in values]


def test_spellings_and_invisible_marks_are_one_label_with_a_note() -> None:
    values = ["Yes", "yes", "YES", "yes", "No", "\u200bNo", "No\u00a0", "\ufeffNo"]
    found = infer(values)
    column = to_column(found)
    assert isinstance(column, CategoryColumn)
    assert (column.levels, list(column.codes)) == (["yes", "No"], [0, 0, 0, 0, 1, 1, 1, 1])
    assert "different spellings count as one value: 'Yes', 'yes', 'YES'" in (found.kind.note or "")


def test_typographic_variants_of_a_label_are_one() -> None:
    values = [
        "\uff39\uff25\uff33",
        "Yes",
        "don't",
        "don\u2019t",
        "Straße",
        "STRASSE",
        "a-b",
        "a\u2013b",
        "\u0130zmir",
        "izmir",
    ]
    column = to_column(infer(values * 2))
    assert isinstance(column, CategoryColumn)
    assert list(column.codes) == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4] * 2
    assert [folded(text) for text in values] == same_letters(pl.Series(values), exact=False).to_list()


@pytest.mark.parametrize("written", ["{0}@{1}", "{0}h{1}m ago", "{0}/{1}", "{0}[{1}]", "~{0}.{1}.{0}"])
def test_texts_with_many_numbers_have_a_note(written: str) -> None:
    texts = [written.format(row % 7 + 1, row % 12) for row in range(80)]
    note = infer(texts).kind.note or ""
    assert "if these are numbers, amounts or dates, write them as such: the first are " in note and "in line 2" in note
    assert infer([written.format(row % 2 + 1, 3) for row in range(40)]).kind.note is None


@pytest.mark.parametrize(
    "written",
    [
        "{0}'{1}\"",
        "{0}' {1}",
        "{0}\u2032{1}\u2033",
        "{0}\u2019{1}\u201d",
        "{0} ft {1} in",
        "{0}ft. {1}in.",
        "{0}'-{1}''",
    ],
)
def test_feet_and_inches_are_numbers_of_inches(written: str) -> None:
    pairs = [(4 + row % 3, row % 12) for row in range(40)]
    found = infer([*(written.format(*pair) for pair in pairs), "tall"])
    assert (found.kind.kind, found.kind.notation.quantity) == ("number", "in")
    note = found.kind.note or ""
    assert "feet and inches, read as inches; 1 of 41 values are not feet and inches and count as missing" in note
    column = read_column(pl.Series("c", ["5'11\"", "70"]), kind_from_json(found.kind.to_json()))
    assert isinstance(column, NumberColumn) and list(column.values) == [71.0, 70.0]


def test_an_apostrophe_between_thousands_is_no_foot() -> None:
    assert numbers(["1'234", "1'008", "12'000", "7"]) == [1234.0, 1008.0, 12000.0, 7.0]


@pytest.mark.parametrize(
    ("texts", "unit", "values"),
    [
        (["$1.50/lb", "$2,000.50/lb"], "$/lb", [1.5, 2000.5]),
        (["1.50/kg", "2/kg"], "/kg", [1.5, 2.0]),
        (["2/m\u00b2", "3/m\u00b2"], "/m2", [2.0, 3.0]),
        (["\u20ac2 per day", "\u20ac3 per day"], "\u20acper day", [2.0, 3.0]),
    ],
)
def test_an_amount_for_one_of_something_is_a_number(texts: list[str], unit: str, values: list[float]) -> None:
    found = infer(texts)
    assert (found.kind.notation.unit, numbers(texts)) == (unit, values)
    assert f"the unit {unit!r}" in (found.kind.note or "")


def test_upper_and_lower_case_letters_of_an_alphabet_stay_apart() -> None:
    column = to_column(infer(list("aAbBcCdD") * 2))
    assert isinstance(column, CategoryColumn)
    assert column.levels == list("aAbBcCdD")


@pytest.mark.parametrize("odd", [1, 3, 8])
def test_a_few_texts_among_numbers_count_as_missing_and_are_reported(odd: int) -> None:
    values = [*(f"{row}.5" for row in range(40)), *["many"] * odd]
    found = infer(values)
    assert found.kind.kind == "number"
    assert f"{odd} of {40 + odd} values are not numbers and count as missing; the first is 'many' in line 42" in (
        found.kind.note or ""
    )
    assert numbers(values)[40:] == [None] * odd


def test_a_few_texts_among_dates_count_as_missing_and_are_reported() -> None:
    found = infer([*(f"2025-01-{day:02}" for day in range(1, 31)), "soon"])
    assert (found.kind.kind, "1 of 31 values are not dates" in (found.kind.note or "")) == ("date", True)


@pytest.mark.parametrize(
    ("values", "wanted", "kind"),
    [
        (["1", "2", "3"], "category", CategoryColumn),
        (["00501", "90210"], "number", NumberColumn),
        (["1", "2", "4"], "number", NumberColumn),
        (["a b", "c d"], "category", CategoryColumn),
        (["20240101", "20240102"], "number", NumberColumn),
    ],
)
def test_a_kind_can_be_set(values: list[str], wanted: Kind, kind: type) -> None:
    assert isinstance(to_column(infer(values, "id", wanted)), kind)


def test_a_column_can_be_left_out() -> None:
    assert infer(["1", "2", "4"], wanted="unusable").kind.note == "left out by the option columns"


def test_other_rows_are_read_as_the_rows_of_the_training() -> None:
    for values, other, expected in (
        (["1.234,5", "0,5"], ["1.234", "NA"], [1234.0, None]),
        (["5 kg", "7 kg"], ["6kg", "3 g"], [6.0, None]),
    ):
        kind = kind_from_json(infer(values).kind.to_json())
        column = read_column(pl.Series("c", other), kind)
        assert isinstance(column, NumberColumn)
        assert [None if math.isnan(value) else value for value in column.values] == expected


def test_columns_are_loaded_as_arrays(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(
        '{"n": 1.5, "t": "a", "d": "2025-01-01"}\n{"n": NaN, "t": "b", "d": null}\n{"t": "a", "d": "2025-01-03"}\n'
    )
    number, text, date = (to_column(column) for column in infer_table(read_table(path)).values())
    assert isinstance(number, NumberColumn) and isinstance(text, CategoryColumn) and isinstance(date, DateColumn)
    assert number.values[0] == 1.5 and math.isnan(number.values[1]) and math.isnan(number.values[2])
    assert (list(text.codes), text.levels) == ([0, 1, 0], ["a", "b"])
    assert date.values[2] - date.values[0] == 2 and math.isnan(date.values[1])


def test_decimal_commas_are_parsed_with_semicolons_as_delimiter(tmp_path: Path) -> None:
    column = to_column(infer_table(read_table(table(tmp_path, ["1,5", "2,25", "3"], delimiter=";")))["c"])
    assert isinstance(column, NumberColumn)
    assert list(column.values) == [1.5, 2.25, 3.0]


@pytest.mark.parametrize("value", ["inf", "-Infinity", "1e999"])
def test_an_infinite_number_is_rejected_with_its_place(tmp_path: Path, value: str) -> None:
    path = table(tmp_path, ["1", "2", value, "4"])
    read = read_table(path)
    with pytest.raises(InvalidDatasetError, match=r"a.csv, line 4, column 'c': .*infinite"):
        to_column(infer_table(read)["c"], path, read.line_of)


def test_a_header_without_rows_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(InvalidDatasetError, match="the file has no rows below its header"):
        infer_table(read_table(table(tmp_path, [])))


def test_a_kind_says_how_its_numbers_are_written() -> None:
    assert infer(["1,5 kg", "2,5 kg"]).kind.notation == Notation(",", "kg")
    assert infer(["1.5", "2"]).kind == ColumnKind("number")
