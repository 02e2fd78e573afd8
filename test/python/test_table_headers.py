"""Headers that lack a name, or have one too many, and files that are not tables."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("polars")

from trainyard.data import InvalidDatasetError, open_table, preview
from trainyard.trainers.tabular.preview_targets import preview_targets

ROWS = [("0.5", "red", "1.5"), ("1.5", "blue", "2.5"), ("2.5", "red", "4.5"), ("4.5", "blue", "8.0")]


def table(folder: Path, header: str, row: str, name: str = "a.csv") -> Path:
    path = folder / name
    lines = [row.format(*cells, number=number) for number, cells in enumerate(ROWS, start=1)]
    path.write_text("\n".join([header, *lines, ""]), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("a,b,y", "{0},{1},{2},"),
        ("a;b;y", "{0};{1};{2};"),
        ("a,b,y,", "{0},{1},{2},"),
        ("a\tb\ty\t\t", "{0}\t{1}\t{2}\t\t"),
    ],
)
def test_a_delimiter_at_the_end_of_each_row_is_not_a_column(tmp_path: Path, header: str, row: str) -> None:
    found = preview(table(tmp_path, header, row), preview_targets=preview_targets)
    assert [column["name"] for column in found["columns"]][:3] == ["a", "b", "y"]
    assert {column["note"] for column in found["columns"][3:]} == {"empty"}
    assert (found["default_target"], found["rows_read"]) == ("y", len(ROWS))


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ('"a","b","y"', '"{number}",{0},"{1}",{2}'),
        ('"a","b","y"', '"car {number}",{0},"{1}",{2}'),
        ('"a" "b" "y"', '"{number}" {0} "{1}" {2}'),
        ("a\tb\ty", "{number}\t{0}\t{1}\t{2}"),
    ],
)
def test_row_names_that_r_writes_have_no_name_in_the_header(tmp_path: Path, header: str, row: str) -> None:
    found = preview(table(tmp_path, header, row), preview_targets=preview_targets)
    assert [column["name"] for column in found["columns"]] == ["Unnamed: 0", "a", "b", "y"]
    assert (found["rows_read"], found["default_target"]) == (len(ROWS), "y")
    assert [note for note in found["notes"] if "the first one counts as the name of the row" in note]


@pytest.mark.parametrize("start", [",", "Unnamed: 0,", "Unnamed: 0.1,Unnamed: 0,"])
def test_several_row_numbers_without_a_name_are_left_out(tmp_path: Path, start: str) -> None:
    row = "{number}," * (start.count(",") + 1) + "{0},{1},{2}"
    found = preview(table(tmp_path, f"{start},a,b,y", row), preview_targets=preview_targets)
    names = [column["name"] for column in found["columns"]]
    assert names[-3:] == ["a", "b", "y"] and all(name.startswith("Unnamed: ") for name in names[:-3])
    assert {column["note"] for column in found["columns"][:-3]} == {"row number"}
    assert found["default_target"] == "y"


@pytest.mark.parametrize(
    ("header", "row", "says"),
    [
        ("a,b,y", "{0},'x,{1}',{2}", "line 2: 4 values found, 3 expected"),
        ("a,,y", "{0},{1},{2}", "line 1: the name of column 2 of 3 is empty"),
        ("a,b,", "{0},{1},{2}", "line 1: the name of column 3 of 3 is empty"),
    ],
)
def test_a_name_that_is_missing_above_values_is_reported(tmp_path: Path, header: str, row: str, says: str) -> None:
    with pytest.raises(InvalidDatasetError, match=says):
        list(open_table(table(tmp_path, header, row)).frames())


def test_a_title_of_two_parts_is_not_a_header(tmp_path: Path) -> None:
    found = open_table(table(tmp_path, "Source: office, Oslo\na,b,y", "{0},{1},{2}"))
    assert found.names == ["a", "b", "y"]


def test_a_second_byte_order_mark_is_not_part_of_the_first_name(tmp_path: Path) -> None:
    assert open_table(table(tmp_path, "\ufeff\ufeffa,b,y", "{0},{1},{2}")).names == ["a", "b", "y"]


@pytest.mark.parametrize("start", ["<!DOCTYPE html>", "\n<html lang='en'>"])
def test_a_web_page_is_named_as_such(tmp_path: Path, start: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"{start}<body><table><tr><td>1,2</td></tr></table></body></html>\n", encoding="utf-8")
    with pytest.raises(InvalidDatasetError, match="this is an HTML page, not a table"):
        open_table(path)
