"""Durations as people and programs write them: ISO 8601, hours beyond 24, the days of pandas, and words."""

from __future__ import annotations

import polars as pl

from trainyard.data.columns.characters import ascii_numbers

DURATION = "h:m:s"
"""Unit of the notation of a column of durations. Its numbers are seconds."""

_N = r"\d+(?:[.,]\d+)?"
_FORMS = (
    # PT1H30M, P2DT3H, P1W
    rf"^P(?:(?P<week>{_N})W)?(?:(?P<day>{_N})D)?(?:T(?:(?P<hour>{_N})H)?(?:(?P<minute>{_N})M)?(?:(?P<second>{_N})S)?)?$",
    # 27:15:03, 2 days, 2 days 03:00:00, and -1 days +23:00:00, which is an hour before 0
    rf"^(?:(?P<day>[+-]?\d+) days?,?\s*)?(?:(?P<sign>[+-])?(?P<hour>\d+):(?P<minute>[0-5]?\d):(?P<second>{_N}))?$",
    # 1 h 20 min, 2d 5h
    rf"(?i)^(?:(?P<week>{_N})\s*(?:w|weeks?))?\s*(?:(?P<day>{_N})\s*(?:d|days?))?\s*"
    rf"(?:(?P<hour>{_N})\s*(?:h|hrs?|hours?))?\s*(?:(?P<minute>{_N})\s*(?:m|mins?|minutes?))?\s*"
    rf"(?:(?P<second>{_N})\s*(?:s|secs?|seconds?))?$",
)
_SECONDS = {"week": 604_800.0, "day": 86_400.0, "hour": 3600.0, "minute": 60.0, "second": 1.0}
# Texts that show that a column can contain durations: "90 min" alone is a number with a unit.
_PROBE = r"(?i)^P[\dT]|^[+-]?\d+:[0-5]\d:\d|^[+-]?\d+ days?\b|^\d[\d.,]*\s*(?:w|d|h)[a-z]*\s*\d"
_PROBED = 200


def parse_durations(texts: pl.Series) -> pl.Series:
    """Return durations in seconds; null for other texts. Years and months have no fixed length, so they do not count.

    Shape:
        (n,) of String -> (n,) of Float64.
    """
    plain = ascii_numbers(texts)
    forms = [plain.str.extract_groups(form).struct.unnest() for form in _FORMS]
    return pl.select(pl.coalesce([_seconds(parts) for parts in forms])).to_series().alias(texts.name)


def _seconds(parts: pl.DataFrame) -> pl.Series:
    names = [name for name in _SECONDS if name in parts.columns]
    amounts = parts.select(
        (pl.col(name).str.replace(",", ".", literal=True).cast(pl.Float64) * _SECONDS[name]) for name in names
    )
    clock = pl.sum_horizontal(name for name in names if name != "day")
    negative = (parts["sign"] == "-").fill_null(False) if "sign" in parts.columns else pl.lit(False)
    total = pl.when(negative).then(-clock).otherwise(clock) + pl.col("day").fill_null(0.0)
    is_given = pl.any_horizontal(pl.col(name).is_not_null() for name in names)
    return amounts.select(pl.when(is_given).then(total).alias("seconds"))["seconds"]


def may_be_durations(texts: pl.Series) -> bool:
    """Whether one of the first texts is written like a duration of more than one unit."""
    return bool(ascii_numbers(texts.head(_PROBED)).str.contains(_PROBE).any())
