"""Distinguish numbers from names in a header, without Polars."""

from __future__ import annotations

import re

_DECORATED = re.compile(r"[+-]?[$€£]?\s?(\d{1,3}(?:,\d{3})+|\d+)(\.\d*)?\s?%?")


def parse_number(text: str) -> float | None:
    """Parse a number; None if the text is not one. "inf" and numbers that overflow return an infinity.

    Also accepts "1,234.5", "$12" and "45%" (45.0).
    """
    try:
        # float() accepts "1_000", which is a name, not a number.
        return None if "_" in text else float(text)
    except ValueError:
        pass
    if _DECORATED.fullmatch(text):
        return float(re.sub(r"[^0-9.+-]", "", text))
    return None
