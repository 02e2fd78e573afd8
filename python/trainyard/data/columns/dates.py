"""Dates and times of day in common formats, independent of the locale and of third-party parsers."""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from trainyard.data.columns.characters import ascii_numbers
from trainyard.data.columns.texts import Texts

# Order of year, month and day. A property of the column, not of the cell: 03/04/2025 alone is ambiguous.
DateOrder = Literal["YMD", "DMY", "MDY"]
DATE_ORDERS: tuple[DateOrder, ...] = ("YMD", "DMY", "MDY")

# Hours from UTC of the usual abbreviations that have one meaning.
_ZONES = {
    "UTC": 0, "GMT": 0, "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "MSK": 3, "JST": 9, "KST": 9,
    "EST": -5, "EDT": -4, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
}  # fmt: skip
_CLOCK = (
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}(?:[.,]\d{1,9})?))?"
    r"\s*(?P<half>[AaPp]\.?\s?[Mm]\.?)?\s*(?P<zone>Z|z|[+-]\d{2}(?::?\d{2})?|" + "|".join(_ZONES) + r")?"
    r"(?:\s*\[[\w/+-]+\])?"
)
_TIME = rf"(?:[Tt ,:]+{_CLOCK})?"
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+)?"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# How months begin in German, French, Spanish, Italian, Portuguese, Dutch, Polish and Russian. Longer ones first:
# "juin" is June.
_OTHER_MONTHS = {
    "juin": 6, "juil": 7, "ene": 1, "gen": 1, "fév": 2, "fev": 2, "mär": 3, "mae": 3, "mrz": 3, "mrt": 3, "abr": 4,
    "avr": 4, "mai": 5, "mei": 5, "mag": 5, "giu": 6, "lug": 7, "aoû": 8, "aou": 8, "ago": 8, "set": 9, "okt": 10,
    "out": 10, "ott": 10, "déc": 12, "dez": 12, "dic": 12, "sty": 1, "lut": 2, "kwi": 4, "maj": 5, "cze": 6, "lip": 7,
    "sie": 8, "wrz": 9, "paź": 10, "lis": 11, "gru": 12, "янв": 1, "фев": 2, "мар": 3, "апр": 4, "май": 5, "мая": 5,
    "июн": 6, "июл": 7, "авг": 8, "сен": 9, "окт": 10, "ноя": 11, "дек": 12,
}  # fmt: skip
_MONTH_NUMBERS = {name: number for number, name in enumerate(_MONTHS, start=1)} | _OTHER_MONTHS
_MONTH = rf"(?P<name>{'|'.join(_MONTHS)})[a-z]*\.?"
_ANY_MONTH = rf"(?P<name>{'|'.join((*_OTHER_MONTHS, *_MONTHS))})\p{{L}}*\.?"
_OF = r"(?:de\s+)?"  # 5 de mayo de 2025
_YEAR = r"(?P<year>\d{4}|\d{2})"
_NUMERIC = r"(?P<first>\d{1,2})(?:/(?P<a>\d{1,2})/|-(?P<b>\d{1,2})-|\.\s?(?P<c>\d{1,2})\.\s?)" + _YEAR
_NAMED = (
    rf"(?i)^{_WEEKDAY}(?P<day>\d{{1,2}})(?:st|nd|rd|th|er)?\.?(?:[-/. ]|\s+of\b)\s*{_OF}{_ANY_MONTH}[-/., ]*\s*"
    rf"{_OF}{_YEAR}{_TIME}$",
    rf"(?i)^{_WEEKDAY}{_MONTH}[- ](?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?[- ]\s*{_YEAR}{_TIME}$",
    r"^(?P<a>\d{1,2})[-/](?P<year>(?:19|20)\d{2})$",
    rf"(?i)^{_MONTH}[-/, ]\s*{_YEAR}$",
    rf"(?i)^{_ANY_MONTH}[-/, ]\s*{_OF}(?P<year>\d{{4}})$",
    rf"(?i)^{_WEEKDAY}{_MONTH}\s+(?P<day>\d{{1,2}})\s+{_CLOCK}\s+(?P<year>\d{{4}})$",
)
# The year first: these forms have one meaning in every order.
_YEAR_FIRST = (
    rf"^(?P<year>\d{{4}})(?:-(?P<a>\d{{1,2}})-|/(?P<b>\d{{1,2}})/|\.\s?(?P<c>\d{{1,2}})\.\s?|年(?P<d>\d{{1,2}})月)"
    rf"(?P<day>\d{{1,2}})[日.]?{_TIME}$"
)
_QUARTERS = (
    r"(?i)^(?P<year>\d{4})[- /]?Q(?P<quarter>[1-4])$",
    r"(?i)^Q(?P<quarter>[1-4])[- /']*(?P<year>\d{4})$",
    r"(?i)^(?P<year>\d{4})-?W(?P<week>\d{2})(?:-?(?P<weekday>[1-7]))?$",
)
_FORMS: dict[DateOrder, tuple[str, ...]] = {
    "YMD": (
        _YEAR_FIRST,
        r"^(?P<year>\d{4})(?P<a>\d{2})(?P<day>\d{2})"
        r"(?:[T ](?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?(?P<zone>Z)?)?$",
        r"^(?P<year>\d{4})(?:[-/]|年)(?P<a>\d{1,2})月?$",
        rf"^(?P<year>\d{{2}})(?:-(?P<a>\d{{1,2}})-|/(?P<b>\d{{1,2}})/|\.(?P<c>\d{{1,2}})\.)(?P<day>\d{{1,2}}){_TIME}$",
        *_QUARTERS,
    ),
    "DMY": (rf"^{_NUMERIC}{_TIME}$", *_NAMED, _YEAR_FIRST),
    "MDY": (rf"^{_NUMERIC}{_TIME}$", *_NAMED, _YEAR_FIRST),
}
_TIME_OF_DAY = (
    rf"^[Tt]?{_CLOCK}$",
    r"^(?P<hour>\d{1,2})\s?[Hh]\s?(?P<minute>\d{2})$",
    r"^(?P<hour>\d{1,2})\s*(?P<half>[AaPp]\.?\s?[Mm]\.?)$",
)
_FIELDS = (
    "year",
    "first",
    "a",
    "b",
    "c",
    "d",
    "day",
    "name",
    "hour",
    "minute",
    "second",
    "half",
    "zone",
    "quarter",
    "week",
    "weekday",
)
_GROUP_NAME = re.compile(r"\(\?P<\w+>")
# Years of two digits: 69 is 1969, and 68 is 2068, as in POSIX.
_PIVOT = 69
# Texts that decide whether a column can contain dates at all.
_PROBED = 200


def parse_dates(texts: pl.Series, order: DateOrder) -> pl.Series:
    """Return days since 1970-01-01 UTC, with the time of day as a fraction; null for texts that are not such dates.

    Accepts 2025-03-04, 20250304, 2025/3/4, 25-03-04, 4.3.2025, 04/03/25, 4 March 2025, Mar 4, 2025 and Mar 2025, each
    with an optional time of day, and ISO 8601 with a zone. DMY and MDY also accept month names (of several languages)
    and dates that start with a year of four digits; YMD accepts 2025-Q1, Q1 2025 and 2025-W09. A time without an offset
    is UTC. A month, quarter or week without a day is its first day.

    Shape:
        (n,) of String -> (n,) of Float64.
    """
    if _has_none(texts, _FORMS[order]):
        return pl.Series(texts.name, [None] * len(texts), dtype=pl.Float64)
    parts = _extract(texts, _FORMS[order])
    first, month = _number(parts, "first"), _number(parts, "a", "b", "c", "d")
    day = _number(parts, "day")
    if order == "DMY":
        day = np.where(np.isnan(day), first, day)
    elif order == "MDY":
        is_numeric = ~np.isnan(first)
        day, month = np.where(is_numeric, month, day), np.where(is_numeric, first, month)
    named = parts["name"].str.to_lowercase()
    names = named.replace_strict(_MONTH_NUMBERS, default=None, return_dtype=pl.Float64).to_numpy()
    month = np.where(np.isnan(month), names, month)
    quarter, week = _number(parts, "quarter"), _number(parts, "week")
    # Week 1 contains January 4. Its Monday is found below.
    month = np.where(np.isnan(quarter), np.where(np.isnan(week), month, 1.0), quarter * 3 - 2)
    day = np.where(np.isnan(week), day, 4.0)
    day = np.where(np.isnan(day) & ~np.isnan(month), 1.0, day)
    year = _number(parts, "year")
    short = (parts["year"].str.len_bytes() == 2).fill_null(False).to_numpy()
    year = np.where(short, year + np.where(year >= _PIVOT, 1900, 2000), year)
    days = _days_since_1970(year, month, day)
    days = np.where(np.isnan(week), days, _day_of_week(days, week, _number(parts, "weekday")))
    return _without_nan(texts.name, (days * 86_400 + _seconds_of_day(parts) - _offset(parts)) / 86_400)


def parse_times(texts: pl.Series) -> pl.Series:
    """Return times of day as a fraction of the day, 0 to 1; null for texts that are not times: 07:30, 7:30:15 PM, 7pm.

    Shape:
        (n,) of String -> (n,) of Float64.
    """
    if _has_none(texts, _TIME_OF_DAY):
        return pl.Series(texts.name, [None] * len(texts), dtype=pl.Float64)
    parts = _extract(texts, _TIME_OF_DAY)
    time = _seconds_of_day(parts) / 86_400
    return _without_nan(texts.name, np.where(parts["hour"].is_null().to_numpy(), np.nan, time))


def find_order(texts: Texts) -> tuple[DateOrder, int, bool] | None:
    """Return the order in which most cells are dates, their number, and whether DMY and MDY fit equally well.

    None if none of the first texts is a date.
    """
    probe = texts.levels.head(_PROBED)
    counts: dict[DateOrder, int] = dict.fromkeys(DATE_ORDERS, 0)
    own = counts.copy()  # without the dates that have the same meaning in every order
    is_year_first = texts.levels.str.contains(r"^\d{4}\D")
    for order in DATE_ORDERS:
        if parse_dates(probe, order).null_count() < len(probe):
            found = parse_dates(texts.levels, order).is_not_null()
            counts[order] = int(texts.counts.filter(found).sum())
            if order != "YMD":
                own[order] = int(texts.counts.filter(found & ~is_year_first).sum())
    own["YMD"] = counts["YMD"]
    # 01-02-03 fits every order: years come last unless only they can come first.
    preferred: tuple[DateOrder, ...] = ("DMY", "MDY", "YMD")
    best = max(preferred, key=lambda order: (counts[order], own[order]))
    if counts[best] == 0:
        return None
    return best, counts[best], best == "DMY" and counts["MDY"] == counts["DMY"] and _is_numeric(texts)


def is_compact_date(numbers: pl.Series) -> bool:
    """Whether whole numbers are dates such as 20250304: all of them are valid, from 1900 to 2100."""
    low, high = numbers.min(), numbers.max()
    if not isinstance(low, (int, float)) or not isinstance(high, (int, float)) or low < 19000101 or high > 21001231:
        return False
    distinct = numbers.unique().drop_nulls()
    return not parse_dates(distinct.cast(pl.Int64).cast(pl.String), "YMD").has_nulls()


def _is_numeric(texts: Texts) -> bool:
    return not texts.levels.str.contains(r"\p{L}{3}|^\d{1,2}[-/]\d{4}$").all()


def _has_none(texts: pl.Series, forms: tuple[str, ...]) -> bool:
    """Whether few texts match none of these forms. A column of labels has few; extracting their parts is slow."""
    if len(texts) > _PROBED:
        return False
    return not ascii_numbers(texts).str.contains(_any_of(forms)).any()


@cache
def _any_of(forms: tuple[str, ...]) -> str:
    """Return one pattern for all forms: a search for each takes ten times as long."""
    return "|".join(f"(?:{_GROUP_NAME.sub('(?:', form)})" for form in forms)


def _extract(texts: pl.Series, forms: tuple[str, ...]) -> pl.DataFrame:
    """Return the parts of each text in the first form that matches; null for parts that it lacks."""
    plain = ascii_numbers(texts)
    found = [plain.str.extract_groups(form).struct.unnest() for form in forms]
    # An extraction without a match has null in every field, so the first form that matches provides all of them.
    return pl.DataFrame(
        {
            field: pl.select(pl.coalesce(columns)).to_series()
            if (columns := [part[field] for part in found if field in part.columns])
            else pl.Series([None] * len(texts), dtype=pl.String)
            for field in _FIELDS
        }
    )


def _number(parts: pl.DataFrame, *names: str) -> npt.NDArray[np.float64]:
    text = parts.select(pl.coalesce(*names).str.replace(",", ".", literal=True).cast(pl.Float64).alias("number"))
    return text["number"].to_numpy().astype(np.float64)


def _days_since_1970(
    year: npt.NDArray[np.float64], month: npt.NDArray[np.float64], day: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Return the day number in the Gregorian calendar, NaN for a day that does not exist.

    The algorithm is days_from_civil of https://howardhinnant.github.io/date_algorithms.html.
    """
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    index = np.nan_to_num(month, nan=0).clip(0, 13).astype(np.int64)
    length = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 0])[index] + (leap & (index == 2))
    shifted = np.where(month <= 2, year - 1, year)
    era = np.floor(shifted / 400)
    of_era = shifted - era * 400
    of_year = np.floor((153 * (month + np.where(month > 2, -3, 9)) + 2) / 5) + day - 1
    days = era * 146_097 + of_era * 365 + np.floor(of_era / 4) - np.floor(of_era / 100) + of_year - 719_468
    return np.where((day >= 1) & (day <= length) & (year >= 1), days, np.nan)


def _day_of_week(
    day: npt.NDArray[np.float64], week: npt.NDArray[np.float64], weekday: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Return a day of an ISO week, Monday by default, given some day of week 1; NaN for a week that does not exist."""
    monday = day - (day + 3) % 7  # 1970-01-01 was a Thursday
    found = monday + (week - 1) * 7 + np.nan_to_num(weekday, nan=1.0) - 1
    return np.where((week >= 1) & (week <= 53), found, np.nan)


def _seconds_of_day(parts: pl.DataFrame) -> npt.NDArray[np.float64]:
    """Return the time of day in seconds, NaN for an invalid one; 0 without a time."""
    hour, minute, second = (np.nan_to_num(_number(parts, name)) for name in ("hour", "minute", "second"))
    half = parts["half"].str.to_lowercase().str.slice(0, 1)
    is_half, is_afternoon = half.is_not_null().to_numpy(), (half == "p").fill_null(False).to_numpy()
    invalid = np.where(is_half, (hour < 1) | (hour > 12), hour > 23) | (minute > 59) | (second >= 61)
    hour = np.where(is_half, hour % 12 + np.where(is_afternoon, 12, 0), hour)
    return np.where(invalid, np.nan, hour * 3600 + minute * 60 + second)


def _offset(parts: pl.DataFrame) -> npt.NDArray[np.float64]:
    """Return the offset of the zone from UTC in seconds; 0 without an offset."""
    zone = parts["zone"].str.extract_groups(r"^(?P<sign>[+-])(?P<hours>\d{2}):?(?P<minutes>\d{2})?$").struct.unnest()
    hours, minutes = np.nan_to_num(_number(zone, "hours")), np.nan_to_num(_number(zone, "minutes"))
    given = np.where((zone["sign"] == "-").fill_null(False).to_numpy(), -1, 1) * (hours * 3600 + minutes * 60)
    named = parts["zone"].str.to_uppercase().replace_strict(_ZONES, default=0, return_dtype=pl.Float64).fill_null(0)
    return np.asarray(given + named.to_numpy() * 3600, dtype=np.float64)


def _without_nan(name: str, values: npt.NDArray[np.float64]) -> pl.Series:
    return pl.Series(name, values, dtype=pl.Float64).fill_nan(None)
