"""Infer the kind of each column from its cells."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

import polars as pl

from trainyard.data.columns.date_kind import date_kind
from trainyard.data.columns.identifier import has_index_name
from trainyard.data.columns.inferred import Inferred, LineOf
from trainyard.data.columns.kind import ColumnKind, Kind
from trainyard.data.columns.missing import is_marker, without
from trainyard.data.columns.notation import Notation, describe, has_decimal_points, has_only_dot_groups
from trainyard.data.columns.number_kind import number_kind
from trainyard.data.columns.plain_kind import plain_kind
from trainyard.data.columns.plain_numbers import PlainNumbers, scan_plain_numbers
from trainyard.data.columns.text_kind import text_kind
from trainyard.data.columns.texts import distinct_texts
from trainyard.data.columns.value_text import to_texts

# Different markers of missing values that are counted for a column.
_MAX_MARKERS = 20


def infer_columns(
    frame: pl.DataFrame,
    *,
    decimal_comma: bool = False,
    missing: Collection[str] = (),
    wanted: Mapping[str, Kind] | None = None,
    line_of: LineOf = lambda row: row + 2,
) -> dict[str, Inferred]:
    """Infer the kind of each column, in order.

    Args:
        frame: cells of String, stripped, with null for empty ones; or typed columns.
        decimal_comma: whether a comma is a decimal comma in a column that does not show it.
        missing: texts that count as missing in every column.
        wanted: kinds to use instead of the inferred ones, by column name.
        line_of: returns the line of a row of the frame, for notes.
    """
    wanted = wanted or {}
    cells = {name: without(frame[name], missing) for name in frame.columns}
    plain = scan_plain_numbers(pl.DataFrame(cells, strict=False))
    found = {
        name: _infer(series, plain.get(name), decimal_comma, tuple(missing), wanted.get(name), line_of)
        for name, series in cells.items()
    }
    _read_thousands_dots(found)
    if missing:
        for name, column in found.items():
            taken = frame[name].filter(frame[name].is_not_null() & cells[name].is_null()).cast(pl.String)
            empty = column.missing.pop("", 0) - len(taken)
            column.missing.update(({"": empty} if empty else {}) | distinct_texts(taken).counted(len(missing)))
    return found


def _read_thousands_dots(columns: dict[str, Inferred]) -> None:
    """Read "1.234" as 1234 in a table that writes decimal commas, and no decimal points."""
    numeric = [column for column in columns.values() if column.kind.kind == "number"]
    if all(column.kind.notation.decimal == "." for column in numeric):
        return
    plain = [column for column in numeric if column.cells.dtype == pl.String and column.kind.note is None]
    if any(has_decimal_points(column.cells) for column in plain):
        return
    for column in plain:
        if has_only_dot_groups(column.cells):
            notation = Notation(",")
            note = f"numbers with {' and '.join(describe(column.cells.unique(), notation))}"
            kind = replace(column.kind, notation=notation, note=note)
            columns[column.name] = replace(column, kind=kind, numbers=notation.read(column.cells))


def infer_column(
    series: pl.Series,
    *,
    decimal_comma: bool = False,
    missing: Collection[str] = (),
    wanted: Kind | None = None,
    line_of: LineOf = lambda row: row + 2,
) -> Inferred:
    """Infer the kind of one column. See `infer_columns`."""
    chosen = {} if wanted is None else {series.name: wanted}
    return infer_columns(
        series.to_frame(), decimal_comma=decimal_comma, missing=missing, wanted=chosen, line_of=line_of
    )[series.name]


def _infer(
    series: pl.Series,
    plain: PlainNumbers | None,
    decimal_comma: bool,
    missing: tuple[str, ...],
    wanted: Kind | None,
    line_of: LineOf,
) -> Inferred:
    empty = series.null_count()
    gaps = {"": empty} if empty else {}
    if wanted == "unusable":
        return Inferred(series.name, ColumnKind("unusable", note="left out by the option columns"), series, None, gaps)
    if empty == len(series):
        # A delimiter at the end of each row is not the target.
        kind = ColumnKind("unusable", note="empty", is_identifier=has_index_name(series.name))
        return Inferred(series.name, kind, series, None, gaps)
    if plain is not None and wanted in (None, "number"):
        kind = ColumnKind("number") if wanted else plain_kind(series, plain)
        if kind.kind in ("number", "unusable"):
            numbers = plain.numbers.fill_nan(None) if plain.has_nan else plain.numbers
            nan = numbers.null_count() - empty
            return Inferred(
                series.name, replace(kind, missing=missing), series, numbers, gaps | ({"NaN": nan} if nan else {})
            )
        return _as(kind, series, missing, gaps)
    if series.dtype.is_temporal():
        kind = ColumnKind("time") if series.dtype == pl.Time else ColumnKind("date", "YMD")
        return _as(_constant_or(series, kind), series, missing, gaps)
    series = to_texts(series)
    texts = distinct_texts(series)
    marked = is_marker(texts.levels)
    rest = texts.where(~marked)
    markers = texts.where(marked).counted(_MAX_MARKERS)
    if markers and rest.cells and wanted in (None, "number"):
        found = _without_markers(series, texts.levels.filter(marked), decimal_comma, missing, wanted, line_of)
        if found is not None:
            return replace(found, missing=gaps | markers)
    if wanted in (None, "number"):
        number = number_kind(series, rest, decimal_comma, wanted == "number", line_of)
        if number is not None:
            kind, numbers = number
            return Inferred(series.name, replace(kind, missing=missing), series, numbers, gaps | markers)
    if wanted in (None, "date", "time"):
        dates = date_kind(rest, wanted, line_of)
        if dates is not None:
            return Inferred(series.name, replace(dates, missing=missing), series, None, gaps | markers)
    return _as(text_kind(series.name, texts, rest, empty, wanted, line_of), series, missing, gaps)


def _without_markers(
    series: pl.Series,
    markers: pl.Series,
    decimal_comma: bool,
    missing: tuple[str, ...],
    wanted: Kind | None,
    line_of: LineOf,
) -> Inferred | None:
    """Infer a column that has only plain numbers and markers of missing values; None if it has other texts too."""
    cells = series.set(series.is_in(markers.implode()).fill_null(False), None)
    plain = scan_plain_numbers(cells.to_frame()).get(series.name)
    if plain is None:
        return None
    found = _infer(cells, plain, decimal_comma, missing, wanted, line_of)
    if found.kind.kind == "category":  # among labels, only these markers are missing
        return replace(found, kind=replace(found.kind, missing=(*missing, *markers.to_list())))
    return found


def _as(kind: ColumnKind, series: pl.Series, missing: tuple[str, ...], gaps: dict[str, int]) -> Inferred:
    return Inferred(series.name, replace(kind, missing=missing), series, None, gaps)


def _constant_or(series: pl.Series, kind: ColumnKind) -> ColumnKind:
    if series.null_count() == 0 and series.n_unique() == 1:
        return ColumnKind("unusable", note="constant (all rows have the same date)")
    return kind
