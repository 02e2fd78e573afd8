"""Infer the kind of each column from its cells."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

import polars as pl

from trainyard.data.columns.dates import find_order, is_compact_date, parse_dates, parse_times
from trainyard.data.columns.free_text import is_free_text, is_identifier
from trainyard.data.columns.identifier import has_id_name, has_index_name, number_reason
from trainyard.data.columns.kind import ColumnKind, Kind
from trainyard.data.columns.missing import is_marker, without
from trainyard.data.columns.notation import (
    Notation,
    describe,
    find_notation,
    has_decimal_points,
    has_only_dot_groups,
    split,
)
from trainyard.data.columns.plain_numbers import PlainNumbers, scan_plain_numbers
from trainyard.data.columns.spelling import group_spellings, letters_differ, spelling_note
from trainyard.data.columns.texts import Texts, distinct_texts

# Minimum share of the values that must be numbers (or dates): if there are many different numbers, and otherwise, where
# the other texts can be labels of equal right, such as floors 1, 2, 3 and G.
MIN_SHARE, MIN_SHARE_FEW = 0.8, 0.95
_FEW_NUMBERS = 20
# Larger whole numbers are not exact as 64-bit floats.
MAX_EXACT = 2.0**53
MAX_NAMED_TEXTS = 5
_SAMPLED = 2000

LineOf = Callable[[int], int | None]


@dataclass(frozen=True)
class Inferred:
    """A column with its kind.

    `cells` are the cells, with null for those that the option `missing` names. `numbers` are its numbers, shape
    (rows,), Float64 with null for missing values, if the kind is "number". `missing` counts what counts as missing, by
    text ("" for an empty cell).
    """

    name: str
    kind: ColumnKind
    cells: pl.Series
    numbers: pl.Series | None
    missing: dict[str, int]

    @property
    def values(self) -> int:
        """Number of cells that do not count as missing."""
        return len(self.cells) - sum(self.missing.values())


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
        decimal_comma: what a comma means in a column that does not show it.
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
        return Inferred(series.name, ColumnKind("unusable", note="empty"), series, None, gaps)
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
        return _as(
            _constant_or(series, ColumnKind("time" if series.dtype == pl.Time else "date")), series, missing, gaps
        )
    if series.dtype != pl.String:
        series = series.cast(pl.String)
    texts = distinct_texts(series)
    marked = is_marker(texts.levels)
    rest = texts.where(~marked)
    markers = texts.where(marked).counted(20)
    if wanted in (None, "number"):
        number = _number(series, rest, decimal_comma, wanted == "number", line_of)
        if number is not None:
            kind, numbers = number
            return Inferred(series.name, replace(kind, missing=missing), series, numbers, gaps | markers)
    if wanted in (None, "date", "time"):
        dates = _dates(rest, wanted, line_of)
        if dates is not None:
            return Inferred(series.name, replace(dates, missing=missing), series, None, gaps | markers)
    return _as(_texts_kind(series.name, texts, rest, empty, wanted), series, missing, gaps)


def _as(kind: ColumnKind, series: pl.Series, missing: tuple[str, ...], gaps: dict[str, int]) -> Inferred:
    return Inferred(series.name, replace(kind, missing=missing), series, None, gaps)


def _constant_or(series: pl.Series, kind: ColumnKind) -> ColumnKind:
    if series.null_count() == 0 and series.n_unique() == 1:
        return ColumnKind("unusable", note="constant (all rows have the same date)")
    return kind


def plain_kind(series: pl.Series, plain: PlainNumbers) -> ColumnKind:
    """Return the kind of a column of plain numbers: a number, a code, a date such as 20250304, or an identifier."""
    # As floats, two large whole numbers can be equal.
    is_large = plain.is_whole and max(abs(plain.low), abs(plain.high)) > MAX_EXACT and _are_digits(series)
    if plain.low == plain.high and not is_large and not plain.has_nan and series.null_count() == 0:
        return ColumnKind("unusable", note="constant (all rows have the same number)")
    if not plain.is_whole:
        return ColumnKind("number")
    numbers = plain.numbers.drop_nans().drop_nulls()
    reason = number_reason(series.name, numbers)
    if reason is not None:
        return ColumnKind("unusable", note=reason, is_identifier=True)
    if plain.is_padded or is_large:
        return code_kind(series, numbers, plain.is_padded)
    if is_compact_date(numbers):
        return ColumnKind("date", "YMD", "whole numbers read as dates (year, month, day)")
    if has_id_name(series.name) and numbers.n_unique() <= len(numbers) / 2:
        return ColumnKind("category", note="numbers that name something: read as labels")
    return ColumnKind("number")


def _are_digits(series: pl.Series) -> bool:
    if series.dtype != pl.String:
        return series.dtype.is_integer()
    return not series.str.contains(r"[^0-9+-]").any()


def code_kind(series: pl.Series, numbers: pl.Series, is_padded: bool) -> ColumnKind:
    """Return the kind of whole numbers that are labels: with leading zeros, or too large for exact arithmetic."""
    what = "with leading zeros" if is_padded else "beyond 9,007,199,254,740,992"
    if series.n_unique() == 1:
        return ColumnKind("unusable", note="constant (all rows have the same number)")
    if series.drop_nulls().n_unique() == len(numbers) and len(numbers) > 2:
        return ColumnKind("unusable", note=f"identifier (whole numbers {what}, all different)", is_identifier=True)
    return ColumnKind("category", note=f"whole numbers {what}: read as labels")


def _number(
    series: pl.Series, rest: Texts, decimal_comma: bool, is_wanted: bool, line_of: LineOf
) -> tuple[ColumnKind, pl.Series] | None:
    """Return the kind and the numbers of a column of numbers in any notation; None if it is not one."""
    if not is_wanted and _has_few_numbers(rest.levels):
        return None
    plain = rest.levels.cast(pl.Float64, strict=False)
    others = rest.where(plain.is_null())
    # Many distinct plain numbers next to a few texts: a sample decides whether "1.234" is 1234.
    notation = find_notation(others, decimal_comma)
    if notation.decimal == "." or len(others.levels) == len(rest.levels):
        values = plain if len(others.levels) == 0 else _fill(plain, notation.read(others.levels))
    else:
        votes = find_notation(
            Texts(rest.levels.head(10_000), rest.counts.head(10_000), rest.rows.head(10_000)), decimal_comma
        )
        notation = Notation(votes.decimal, notation.unit)
        values = notation.read(rest.levels)
    is_number = values.is_not_null()
    count = int(rest.counts.filter(is_number).sum())
    if count == 0:
        return None
    share = count / rest.cells
    if not is_wanted and share < MIN_SHARE_FEW:
        distinct = values.drop_nulls().unique()
        is_few = len(distinct) <= _FEW_NUMBERS and bool((distinct == distinct.floor()).all())
        if share < MIN_SHARE or is_few:
            return None
    numbers = rest.spread(series, values)
    notes = describe(rest.levels.filter(is_number & plain.is_null()), notation)
    note = [f"numbers with {' and '.join(notes)}"] if notes else []
    if count < rest.cells:
        note.append(_others_note(rest.where(~is_number), rest.cells, "numbers", line_of))
    whole = bool((values.drop_nulls() == values.drop_nulls().floor()).all())
    if not is_wanted and whole and not notes:
        digits = rest.levels.filter(is_number).str.contains(r"^0\d")
        if digits.any():
            kind = code_kind(series, numbers.drop_nulls(), True)
            return None if kind.kind == "category" else (kind, numbers)
        reason = number_reason(series.name, numbers.drop_nulls())
        if reason is not None:
            return ColumnKind("unusable", note=reason, is_identifier=True), numbers
    if numbers.null_count() == 0 and numbers.min() == numbers.max() and not is_wanted:
        return ColumnKind("unusable", note="constant (all rows have the same number)"), numbers
    return ColumnKind("number", note="; ".join(note) or None, notation=notation), numbers


def _has_few_numbers(levels: pl.Series) -> bool:
    """Whether a sample shows that a long column is not one of numbers, without a look at every text."""
    if len(levels) <= _SAMPLED:
        return False
    sample = levels.gather_every(len(levels) // _SAMPLED)
    return int(split(sample)["body"].is_not_null().sum()) < MIN_SHARE / 2 * len(sample)


def _fill(plain: pl.Series, others: pl.Series) -> pl.Series:
    """Return `plain` with its nulls replaced by `others`, in order."""
    filled: pl.Series = plain.clone().scatter(plain.is_null().arg_true(), others)
    return filled


def _dates(rest: Texts, wanted: Kind | None, line_of: LineOf) -> ColumnKind | None:
    if rest.cells == 0:
        return None
    least = 1 if wanted else MIN_SHARE * rest.cells
    found = find_order(rest) if wanted != "time" else None
    if found is not None and found[1] >= least:
        order, count, is_ambiguous = found
        if len(rest.levels) == 1 and not wanted:
            return ColumnKind("unusable", note="constant (all rows have the same date)")
        notes: list[str] = []
        if is_ambiguous:
            notes.append("ambiguous dates, read as day before month; write them as 2025-03-31 to be unambiguous")
        if count < rest.cells:
            others = rest.where(parse_dates(rest.levels, order).is_null())
            notes.append(_others_note(others, rest.cells, "dates", line_of))
        return ColumnKind("date", order, "; ".join(notes) or None)
    if wanted == "date" or parse_times(rest.levels.head(200)).null_count() == min(200, len(rest.levels)):
        return None
    is_time = parse_times(rest.levels).is_not_null()
    count = int(rest.counts.filter(is_time).sum())
    if count < least or len(rest.levels) == 1:
        return None
    note = _others_note(rest.where(~is_time), rest.cells, "times", line_of) if count < rest.cells else None
    return ColumnKind("time", note=note)


def _texts_kind(name: str, texts: Texts, rest: Texts, empty: int, wanted: Kind | None) -> ColumnKind:
    if wanted == "text":
        return ColumnKind("text")
    exact = letters_differ(texts)
    if wanted == "category":
        return ColumnKind("category", note=spelling_note(texts, exact), exact=exact)
    if rest.cells == 0 and texts.cells == len(texts.levels) > 1:
        return ColumnKind("unusable", note="empty (all values are markers of missing values)")
    if is_free_text(texts):
        return ColumnKind("text")
    if is_identifier(texts):
        # Without such a name, it can also be a target in a notation that is not recognized.
        named = has_id_name(name) or has_index_name(name)
        return ColumnKind("unusable", note="identifier (all values differ)", is_identifier=named)
    values, _ = group_spellings(texts, exact)
    if len(values) == 1 and empty == 0:
        return ColumnKind("unusable", note="constant (all rows have the same text)")
    notes = [note for note in (spelling_note(texts, exact), _unrecognized_note(rest)) if note]
    return ColumnKind("category", note="; ".join(notes) or None, exact=exact)


def _unrecognized_note(rest: Texts) -> str | None:
    """Say that labels look like numbers in a notation that is not recognized, or in more than one."""
    parts = split(rest.levels)
    is_number = parts["body"].is_not_null()
    numbers = rest.where(is_number)
    if numbers.cells == 0 or numbers.cells < rest.cells / 2:
        return None
    units = parts.filter(is_number)["unit"].unique(maintain_order=True).to_list()
    share = f"{numbers.cells} of {rest.cells} values look like numbers"
    if len(units) > 1:
        named = ", ".join(repr(unit) if unit else "none" for unit in units[:MAX_NAMED_TEXTS])
        return (
            f"{share}, with different units ({named}); the column is read as labels. Use one unit, "
            "or set the option columns"
        )
    return f"{share}; the column is read as labels. Correct the other values, or set the option columns"


def _others_note(others: Texts, values: int, what: str, line_of: LineOf) -> str:
    """Say how many values are not numbers or dates, with examples."""
    named = []
    for text, row in list(zip(others.levels.to_list(), others.rows.to_list()))[:3]:
        line = line_of(row)
        named.append(f"{text[:40]!r}" + (f" in line {line}" if line is not None else ""))
    return (
        f"{others.cells} of {values} values are not {what} and count as missing; "
        f"the first {'is' if len(named) == 1 else 'are'} {', '.join(named)}"
    )
