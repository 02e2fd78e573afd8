"""What the text of one cell says: nothing, a number, or something else."""

from __future__ import annotations

import re

_MISSING = frozenset({"", "na", "n/a", "#n/a", "#na", "<na>", "nan", "-nan", "null", "#null!", "none", "nil", "?"})
# A gap only where the column holds numbers otherwise: "-" beside "+" is a label.
_GAPS = frozenset({"-", "--", "---", ".", "..", "...", "*", "unknown", "missing", "undefined"})

_DECORATED = re.compile(r"[+-]?[$€£]?\s?(\d{1,3}(?:,\d{3})+|\d+)(\.\d*)?\s?%?")
_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+(?:[eE][+-]?\d+)?")


def is_missing(text: str) -> bool:
    """Whether the cell says that there is no value: empty, NA, NaN, null, None, ? and the like, in any case."""
    return len(text) <= 8 and text.lower() in _MISSING


def is_gap(text: str) -> bool:
    """Whether the cell would be a missing value in a column of numbers: a dash, a dot, "unknown"."""
    return len(text) <= 9 and text.lower() in _GAPS


def parse_number(text: str, decimal_comma: bool = False) -> float | None:
    """The number in a cell, None where there is none. "inf" and what overflows give an infinity.

    Understands also "1,234.5", "$12" and "45%" (45.0), and "1,5" as one and a half with `decimal_comma`: what
    spreadsheets write where the comma is the decimal sign.
    """
    try:
        # float() takes "1_000", which is a name, not a number.
        return None if "_" in text else float(text)
    except ValueError:
        pass
    if decimal_comma and _DECIMAL_COMMA.fullmatch(text):
        return float(text.replace(",", "."))
    if _DECORATED.fullmatch(text):
        return float(re.sub(r"[^0-9.+-]", "", text))
    return None
