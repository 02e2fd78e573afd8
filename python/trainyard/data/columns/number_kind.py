"""The kind of a column of numbers in any notation, with other texts among them."""

from __future__ import annotations

import polars as pl

from trainyard.data.columns.dates import parse_times
from trainyard.data.columns.durations import DURATION, may_be_durations, parse_durations
from trainyard.data.columns.identifier import number_reason
from trainyard.data.columns.inferred import LineOf, others_note
from trainyard.data.columns.kind import ColumnKind
from trainyard.data.columns.lengths import FEET, may_be_lengths, parse_lengths
from trainyard.data.columns.notation import Notation, describe, find_notation, split
from trainyard.data.columns.plain_kind import MAX_EXACT, code_kind
from trainyard.data.columns.texts import Texts

# Minimum share of the values that must be numbers (or dates): if there are many different numbers, and otherwise, where
# the other texts can be labels of equal right, such as floors 1, 2, 3 and G.
MIN_SHARE, MIN_SHARE_FEW = 0.8, 0.95
_FEW_NUMBERS = 20
_SAMPLED = 2000


def number_kind(
    series: pl.Series, rest: Texts, decimal_comma: bool, is_wanted: bool, line_of: LineOf
) -> tuple[ColumnKind, pl.Series] | None:
    """Return the kind and the numbers of a column of numbers in any notation; None if it is not one."""
    if may_be_durations(rest.levels):
        duration = _duration_kind(series, rest, is_wanted, line_of)
        if duration is not None:
            return duration
    if may_be_lengths(rest.levels):
        length = _length_kind(series, rest, is_wanted, line_of)
        if length is not None:
            return length
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
        note.append(others_note(rest.where(~is_number), rest.cells, "numbers", line_of))
    whole = bool((values.drop_nulls() == values.drop_nulls().floor()).all())
    if not is_wanted and whole and not notes:
        digits = rest.levels.filter(is_number)
        is_padded = bool(digits.str.contains(r"^0\d").any())
        if is_padded or bool((digits.str.contains(r"^[+-]?\d+$") & (values.filter(is_number).abs() > MAX_EXACT)).any()):
            kind = code_kind(series, numbers.drop_nulls(), is_padded)
            return None if kind.kind == "category" else (kind, numbers)
        reason = number_reason(series.name, numbers.drop_nulls())
        if reason is not None:
            return ColumnKind("unusable", note=reason, is_identifier=True), numbers
    if numbers.null_count() == 0 and numbers.min() == numbers.max() and not is_wanted:
        return ColumnKind("unusable", note="constant (all rows have the same number)"), numbers
    return ColumnKind("number", note="; ".join(note) or None, notation=notation), numbers


def _duration_kind(
    series: pl.Series, rest: Texts, is_wanted: bool, line_of: LineOf
) -> tuple[ColumnKind, pl.Series] | None:
    """Return the kind and the seconds of a column of durations; None if it is not one, or has only times of day."""
    seconds = parse_durations(rest.levels)
    if parse_times(rest.where(seconds.is_not_null()).levels).null_count() == 0 and not is_wanted:
        return None
    return _parsed_kind(series, rest, seconds, "durations", Notation(unit=DURATION), is_wanted, line_of)


def _length_kind(
    series: pl.Series, rest: Texts, is_wanted: bool, line_of: LineOf
) -> tuple[ColumnKind, pl.Series] | None:
    """Return the kind and the inches of a column of feet and inches; None if it is not one."""
    inches = parse_lengths(rest.levels)
    return _parsed_kind(series, rest, inches, "feet and inches", Notation(unit=FEET), is_wanted, line_of)


def _parsed_kind(
    series: pl.Series,
    rest: Texts,
    values: pl.Series,
    what: str,
    notation: Notation,
    is_wanted: bool,
    line_of: LineOf,
) -> tuple[ColumnKind, pl.Series] | None:
    """Return the kind and the numbers of a column whose texts are parsed as `values`; None if too few are."""
    is_parsed = values.is_not_null()
    cells = rest.where(is_parsed).cells
    if cells < MIN_SHARE * rest.cells:
        return None
    notes = [f"{what}, read as {'seconds' if notation.unit == DURATION else 'inches'}"]
    if cells < rest.cells:
        notes.append(others_note(rest.where(~is_parsed), rest.cells, what, line_of))
    numbers = rest.spread(series, values)
    if numbers.null_count() == 0 and numbers.min() == numbers.max() and not is_wanted:
        return ColumnKind("unusable", note=f"constant (all rows have the same {what.removesuffix('s')})"), numbers
    return ColumnKind("number", note="; ".join(notes), notation=notation), numbers


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
