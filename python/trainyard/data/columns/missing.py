"""Markers of missing values."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from trainyard.data.columns.value_text import to_texts

# In columns of numbers and dates only. In a column of texts they are values: NA is Namibia, and None is a class.
MARKERS = frozenset(
    {"na", "n/a", "n.a.", "#n/a", "#na", "<na>", "nan", "-nan", "nat", "null", "#null!", "none", "nil", "?"}
    | {
        "-",
        "--",
        "---",
        "\u2013",
        "\u2014",
        "\u2212",
        ".",
        "..",
        "...",
        "\u2026",
        "*",
        "**",
        "unknown",
        "missing",
        "undefined",
        "(null)",
        "(none)",
        "\\n",  # \\N of databases
        "#div/0!",
        "#value!",
        "#ref!",
        "#name?",
        "#num!",
    }
)
_LONGEST = max(map(len, MARKERS))


def is_marker(texts: pl.Series) -> pl.Series:
    """Whether each text is a usual marker of a missing value; case-insensitive.

    Shape:
        (n,) of String -> (n,) of Boolean.
    """
    return texts.str.to_lowercase().is_in(list(MARKERS)) & (texts.str.len_bytes() <= _LONGEST + 2)


def without(series: pl.Series, missing: Collection[str]) -> pl.Series:
    """Return the series with null for the texts in `missing`; they are compared to the letter.

    In a typed column (from JSON or Parquet), `missing` is compared with the text of the value.
    """
    if not missing:
        return series
    found = to_texts(series).is_in(list(missing))
    if series.dtype.is_numeric():  # 999 is 999.0
        numbers = pl.Series(list(missing), dtype=pl.String).cast(pl.Float64, strict=False).drop_nulls()
        exact = numbers.filter(numbers.abs() <= 2.0**53)
        found = found | series.cast(pl.Float64).is_in(exact.implode())
    return series.set(found.fill_null(False), None)
