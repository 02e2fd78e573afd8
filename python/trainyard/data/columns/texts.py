"""The distinct texts of a column. Everything that is slow for a text runs once for each distinct one."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class Texts:
    """Distinct texts of a column in order of appearance, without null.

    Shapes: `levels` (distinct,) String; `counts` and `rows` (distinct,): how often each occurs, and its first row.
    """

    levels: pl.Series
    counts: pl.Series
    rows: pl.Series

    @property
    def cells(self) -> int:
        """Number of cells with a text."""
        return int(self.counts.sum())

    def where(self, wanted: pl.Series) -> Texts:
        """Return the texts for which `wanted`, shape (distinct,) of Boolean, is true."""
        return Texts(self.levels.filter(wanted), self.counts.filter(wanted), self.rows.filter(wanted))

    def counted(self, most: int) -> dict[str, int]:
        """Return the `most` most frequent texts with their counts."""
        order = self.counts.arg_sort(descending=True).head(most)
        return dict(zip(self.levels.gather(order).to_list(), self.counts.gather(order).to_list()))

    def spread(self, series: pl.Series, values: pl.Series) -> pl.Series:
        """Return `values`, one for each level, for the cells of `series`; null for other texts.

        Shape:
            (rows,) of String, (distinct,) -> (rows,).
        """
        if len(self.levels) == 0:
            return pl.Series(series.name, [None] * len(series), dtype=values.dtype)
        spread: pl.Series = series.replace_strict(self.levels, values, default=None, return_dtype=values.dtype)
        return spread


def distinct_texts(series: pl.Series) -> Texts:
    """Return the distinct texts of a column of String."""
    cells = series.rename("text").to_frame().with_row_index("row").drop_nulls("text")
    found = cells.group_by("text", maintain_order=True).agg(pl.len().alias("count"), pl.col("row").first())
    return Texts(found["text"], found["count"].cast(pl.Int64), found["row"].cast(pl.Int64))
