"""Parse dates and times in common formats, independent of the locale and of third-party parsers."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Literal

# Order of year, month and day. A property of the column, not of the cell: 03/04/2025 alone is ambiguous.
DateOrder = Literal["YMD", "DMY", "MDY"]
DATE_ORDERS: tuple[DateOrder, ...] = ("YMD", "DMY", "MDY")

_TIME = r"(?:[T ,]\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*([AaPp][Mm])?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?"
_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})" + _TIME)
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})" + _TIME)
_MONTH = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DAY_NAMED = re.compile(r"(\d{1,2})[- ]" + _MONTH + r"[-, ]\s*(\d{4})" + _TIME, re.IGNORECASE)
_NAMED_DAY = re.compile(_MONTH + r" (\d{1,2}),? (\d{4})" + _TIME, re.IGNORECASE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def parse_date(text: str, order: DateOrder) -> float | None:
    """Return days since 1970-01-01 UTC, with the time of day as a fraction, or None if `text` is not such a date.

    Accepts 2025-03-04, 2025/3/4, 4.3.2025, 03/04/2025, 4 March 2025 and Mar 4, 2025, each with an optional time. The
    orders DMY and MDY also accept month names. A time without an offset is UTC.
    """
    if order == "YMD":
        match = _YEAR_FIRST.fullmatch(text)
        if match is None:
            return None
        year, month, day, clock = match[1], int(match[3]), match[4], match.groups()[4:]
    elif match := _YEAR_LAST.fullmatch(text):
        first, second = match[1], match[3]
        month, day = (int(second), first) if order == "DMY" else (int(first), second)
        year, clock = match[4], match.groups()[4:]
    elif match := _DAY_NAMED.fullmatch(text):
        day, month, year, clock = match[1], _MONTHS.index(match[2].lower()) + 1, match[3], match.groups()[3:]
    elif match := _NAMED_DAY.fullmatch(text):
        month, day, year, clock = _MONTHS.index(match[1].lower()) + 1, match[2], match[3], match.groups()[3:]
    else:
        return None
    try:
        return _days(int(year), month, int(day), clock)
    except (ValueError, OverflowError):
        return None


def _days(year: int, month: int, day: int, clock: tuple[str | None, ...]) -> float:
    hour, minute, second, fraction, half, offset = clock
    hours = int(hour or 0)
    if half:
        if not 1 <= hours <= 12:
            raise ValueError("a 12-hour clock runs from 1 to 12")
        hours = hours % 12 + (12 if half.lower() == "pm" else 0)
    moment = datetime(year, month, day, hours, int(minute or 0), int(second or 0), tzinfo=timezone.utc)
    if offset and offset[0] in "+-":
        shift = timedelta(hours=int(offset[1:3]), minutes=int(offset[-2:]))
        moment += shift if offset[0] == "-" else -shift
    return ((moment - _EPOCH).total_seconds() + float(f"0.{fraction or 0}")) / 86_400
