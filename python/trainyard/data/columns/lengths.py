"""Lengths in feet and inches, such as body heights: 5'11", 5' 11, 5 ft 11 in."""

from __future__ import annotations

import polars as pl

from trainyard.data.columns.characters import ascii_numbers

FEET = "ft in"
"""Unit of the notation of a column of feet and inches. Its numbers are inches."""

_FEET = r"(?i)^(?P<feet>\d{1,3})\s*(?:'|\u{2032}|ft\.?|feet|foot)"
# Fewer inches than a foot: 1'234 is a number with an apostrophe between its thousands.
_INCHES = r"(?P<inches>\d(?:\.\d+)?|1[01](?:\.\d+)?)\s*(?:\"|''|\u{2033}|\u{201D}|in\.?|inch|inches)?"
_FORM = rf"{_FEET}\s*-?\s*(?:{_INCHES})?$"
_PROBE = rf"{_FEET}\s*-?\s*{_INCHES}$"
_PROBED = 200


def parse_lengths(texts: pl.Series) -> pl.Series:
    """Return lengths in inches; null for texts that are not feet, or feet and inches.

    Shape:
        (n,) of String -> (n,) of Float64.
    """
    parts = _plain(texts).str.extract_groups(_FORM).struct.unnest()
    inches = pl.col("inches").cast(pl.Float64).fill_null(0.0)
    return parts.select((pl.col("feet").cast(pl.Float64) * 12 + inches).alias(texts.name))[texts.name]


def may_be_lengths(texts: pl.Series) -> bool:
    """Whether one of the first texts has feet and inches."""
    return bool(_plain(texts.head(_PROBED)).str.contains(_PROBE).any())


def _plain(texts: pl.Series) -> pl.Series:
    # The double prime and the right double quotation mark may have become two apostrophes or primes.
    return ascii_numbers(texts).str.replace_all("\u2032\u2032|\u201d", '"')
