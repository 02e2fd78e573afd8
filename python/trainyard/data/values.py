"""Interpret the text of a cell: missing value, number or text."""

from __future__ import annotations

import re

_MISSING = frozenset({"", "na", "n/a", "#n/a", "#na", "<na>", "nan", "-nan", "null", "#null!", "none", "nil", "?"})
# Missing values only in columns of numbers or dates: "-" next to "+" is a label.
_GAPS = frozenset({"-", "--", "---", ".", "..", "...", "*", "unknown", "missing", "undefined"})

_DECORATED = re.compile(r"[+-]?[$€£]?\s?(\d{1,3}(?:,\d{3})+|\d+)(\.\d*)?\s?%?")
_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+(?:[eE][+-]?\d+)?")


def is_missing(text: str) -> bool:
    """Whether the cell is a missing value: empty, NA, NaN, null, None, ? and similar; case-insensitive."""
    return len(text) <= 8 and text.lower() in _MISSING


def is_gap(text: str) -> bool:
    """Whether the cell is a missing value in a column of numbers: a dash, a dot, "unknown" and similar."""
    return len(text) <= 9 and text.lower() in _GAPS


def parse_number(text: str, decimal_comma: bool = False) -> float | None:
    """Parse a number; None if the text is not one. "inf" and numbers that overflow return an infinity.

    Also accepts "1,234.5", "$12" and "45%" (45.0), and with `decimal_comma` "1,5" (1.5).
    """
    try:
        # float() accepts "1_000", which is a name, not a number.
        return None if "_" in text else float(text)
    except ValueError:
        pass
    if decimal_comma and _DECIMAL_COMMA.fullmatch(text):
        return float(text.replace(",", "."))
    if _DECORATED.fullmatch(text):
        return float(re.sub(r"[^0-9.+-]", "", text))
    return None
