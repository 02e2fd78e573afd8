"""Row numbers and identifiers, which say nothing about other rows."""

from __future__ import annotations

import re

import polars as pl

_INDEX_NAME = re.compile(
    r"(unnamed(: ?\d+)?([._]\d+)?|_c0|level_0|index|idx|row|row[_ ]?(id|no|nr|num|number|names?)|rownames)", re.I
)
_ID_NAME = re.compile(r"(?i:(.*[_\s.-])?(id|uuid|guid))|.*[a-z]I[dD]", re.S)
_NUMBER_NAME = re.compile(r"(.*[_\s.-])?(instant|no|nr|pk|rowid)", re.I | re.S)
# A shuffled row number with fewer rows can be a rank.
_MIN_SHUFFLED_ROWS = 20


def has_index_name(name: str) -> bool:
    """Whether the name is that of a row number: an unnamed column, index, row_number and similar."""
    return _INDEX_NAME.fullmatch(name.strip()) is not None


def has_id_name(name: str) -> bool:
    """Whether the name is that of an identifier: id, customer_id, customerId, uuid and similar."""
    return _ID_NAME.fullmatch(name.strip()) is not None


def number_reason(name: str, numbers: pl.Series) -> str | None:
    """Return why a column of whole numbers is an identifier; None if it is not.

    Args:
        numbers: whole numbers, without missing values.
    """
    low, high = numbers.min(), numbers.max()
    if not isinstance(low, (int, float)) or not isinstance(high, (int, float)) or len(numbers) < 2:
        return None
    named = has_id_name(name) or has_index_name(name) or _NUMBER_NAME.fullmatch(name.strip()) is not None
    # Counting is slow: only where a name or the range allows it.
    spans_rows = high - low == len(numbers) - 1 and low in (0, 1) and len(numbers) >= _MIN_SHUFFLED_ROWS
    if not named and not spans_rows:
        return None
    distinct = numbers.n_unique()
    if has_index_name(name) and distinct > len(numbers) / 2:
        return "row number"
    if distinct < len(numbers):
        return None
    if named:
        return "row number" if spans_rows or high - low == len(numbers) - 1 else "identifier (all values differ)"
    return None if numbers.is_sorted() else "row number out of order (every number occurs once)"
