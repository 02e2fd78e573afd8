"""Row numbers and identifiers, which say nothing about other rows."""

from __future__ import annotations

import re

import numpy as np
import polars as pl

_INDEX_NAME = re.compile(
    r"(unnamed(: ?\d+)?([._]\d+)?|_c0|level_0|index|idx|row|row[_ ]?(id|no|nr|num|number|names?)|rownames|#|№|序号)",
    re.I,
)
_ID_NAME = re.compile(r"(?i:(.*[_\s.-])?(id|uuid|guid)#?|(id|pk)[_\s.-].+)|.*[a-z]I[dD]", re.S)
_NUMBER_NAME = re.compile(r"(.*[_\s.-])?(instant|no|nr|pk|rowid|sno)\.?", re.I | re.S)
_CODE_NAME = re.compile(r"(.*[_\s.-])?(zip|zip[_\s-]?code|post(al)?[_\s-]?code|plz|fips)", re.I | re.S)
# A shuffled row number with fewer rows can be a rank.
_MIN_SHUFFLED_ROWS = 20
# In a part of a shuffled table, the row numbers have gaps: up to this many times as wide as the number of rows.
_MAX_SPREAD = 10
# If as many numbers were drawn at random from their range, so many pairs would be equal on average.
_MIN_EXPECTED_PAIRS = 12


def has_index_name(name: str) -> bool:
    """Whether the name is that of a row number: an unnamed column, index, row_number and similar."""
    return _INDEX_NAME.fullmatch(name.strip()) is not None


def has_id_name(name: str) -> bool:
    """Whether the name is that of an identifier: id, customer_id, customerId, uuid and similar."""
    return _ID_NAME.fullmatch(name.strip()) is not None


def has_code_name(name: str) -> bool:
    """Whether the name is that of a postal or an official code, whose numbers have no order."""
    return _CODE_NAME.fullmatch(name.strip()) is not None


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
        is_index = _are_shuffled_row_numbers(numbers, float(low), float(high))
        return "row number out of order (no number occurs twice)" if is_index else None
    distinct = numbers.n_unique()
    if has_index_name(name) and distinct > len(numbers) / 2:
        return "row number"
    if distinct < len(numbers):
        return None
    if named:
        return "row number" if spans_rows or high - low == len(numbers) - 1 else "identifier (all values differ)"
    return None if numbers.is_sorted() else "row number out of order (every number occurs once)"


def _are_shuffled_row_numbers(numbers: pl.Series, low: float, high: float) -> bool:
    """Whether whole numbers can be the index of a part of a shuffled table: dense from 0, but none occurs twice."""
    rows, span = len(numbers), high - low + 1
    if rows < _MIN_SHUFFLED_ROWS or low < 0 or low > high / 10 or span > _MAX_SPREAD * rows:
        return False
    if rows * rows < 2 * _MIN_EXPECTED_PAIRS * span:
        return False
    if numbers.is_sorted() or numbers.is_sorted(descending=True):
        return False
    # The first rows decide fast about most columns.
    if numbers.head(1000).n_unique() < min(rows, 1000) or numbers.n_unique() < rows:
        return False
    steps = np.gcd.reduce((numbers.to_numpy() - low).astype(np.int64))
    return bool(steps == 1)  # 0, 10, 20 and so on are settings of an experiment
