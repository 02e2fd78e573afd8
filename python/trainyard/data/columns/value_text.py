"""The texts of typed values: what a CSV file with the same values would contain."""

from __future__ import annotations

import polars as pl

_MAX_EXACT = 2.0**53


def to_texts(cells: pl.Series) -> pl.Series:
    """Return typed cells as texts. The text depends on the value alone: 5 and 5.0 are both "5".

    JSON clients write 5.0 as 5, and a column of whole numbers with gaps is often one of fractions.

    Shape:
        (n,) of any type -> (n,) of String; null stays null.
    """
    texts: pl.Series = cells if cells.dtype == pl.String else cells.cast(pl.String)
    return _with_whole(cells, texts) if cells.dtype.is_float() else texts


def _with_whole(cells: pl.Series, texts: pl.Series) -> pl.Series:
    """Return `texts`, with those of whole numbers without a fraction."""
    is_whole = cells.is_finite() & (cells == cells.floor()) & (cells.abs() <= _MAX_EXACT)
    is_whole = is_whole.fill_null(False)
    whole: pl.Series = cells.set(~is_whole, None).cast(pl.Int64).cast(pl.String)
    found: pl.Series = whole.zip_with(is_whole, texts)
    return found
