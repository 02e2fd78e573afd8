"""The kind of a column of plain numbers."""

from __future__ import annotations

import polars as pl

from trainyard.data.columns.dates import is_compact_date
from trainyard.data.columns.identifier import has_code_name, has_id_name, number_reason
from trainyard.data.columns.kind import ColumnKind
from trainyard.data.columns.plain_numbers import PlainNumbers

# Larger whole numbers are not exact as 64-bit floats.
MAX_EXACT = 2.0**53


def plain_kind(series: pl.Series, plain: PlainNumbers) -> ColumnKind:
    """Return the kind of a column of plain numbers: a number, a code, a date such as 20250304, or an identifier."""
    # As floats, two large whole numbers can be equal.
    is_large = plain.is_whole and max(abs(plain.low), abs(plain.high)) > MAX_EXACT and _are_digits(series)
    is_code = is_large or plain.is_padded
    if plain.low == plain.high and not is_code and not plain.has_nan and series.null_count() == 0:
        return ColumnKind("unusable", note="constant (all rows have the same number)")
    if not plain.is_whole:
        return ColumnKind("number")
    numbers = plain.numbers.drop_nans().drop_nulls()
    reason = number_reason(series.name, numbers)
    if reason is not None:
        return ColumnKind("unusable", note=reason, is_identifier=True)
    if is_code:
        return code_kind(series, numbers, plain.is_padded)
    if is_compact_date(numbers):
        return ColumnKind("date", "YMD", "whole numbers read as dates (year, month, day)")
    if (has_id_name(series.name) or has_code_name(series.name)) and numbers.n_unique() <= len(numbers) / 2:
        return ColumnKind("category", note="numbers that name something: read as labels")
    return ColumnKind("number")


def _are_digits(series: pl.Series) -> bool:
    if series.dtype != pl.String:
        return series.dtype.is_integer()
    return not series.str.contains(r"[^0-9.+-]|\.0*[1-9]").any()


def code_kind(series: pl.Series, numbers: pl.Series, is_padded: bool) -> ColumnKind:
    """Return the kind of whole numbers that are labels: with leading zeros, or too large for exact arithmetic."""
    what = "with leading zeros" if is_padded else "beyond 9,007,199,254,740,992"
    if series.n_unique() == 1:
        return ColumnKind("unusable", note="constant (all rows have the same number)")
    if series.drop_nulls().n_unique() == len(numbers) and len(numbers) > 2:
        return ColumnKind("unusable", note=f"identifier (whole numbers {what}, all different)", is_identifier=True)
    return ColumnKind("category", note=f"whole numbers {what}: read as labels")
