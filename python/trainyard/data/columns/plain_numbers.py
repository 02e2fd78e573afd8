"""The fast path: columns whose cells are all plain numbers, found for all columns of a frame at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

_CELLS_AT_ONCE = 1 << 22


@dataclass(frozen=True)
class PlainNumbers:
    """A column of plain numbers. `numbers` is Float64 with null for empty cells, and can contain NaN.

    `is_whole`: all numbers are whole. `is_padded`: all cells are digits, and some have leading zeros, as in 007 and
    +0049.
    """

    numbers: pl.Series
    low: float
    high: float
    is_whole: bool
    is_padded: bool
    has_nan: bool


def scan_plain_numbers(frame: pl.DataFrame) -> dict[str, PlainNumbers]:
    """Return every column that contains nothing but plain numbers and empty cells, by name. Empty columns are left out.

    An infinite number is not plain, nor is a text that polars cannot cast to a number.
    """
    names = [name for name, dtype in frame.schema.items() if dtype == pl.String or dtype.is_numeric()]
    numbers = frame.select(pl.col(names).cast(pl.Float64, strict=False)) if names and len(frame) else pl.DataFrame()
    found: dict[str, PlainNumbers] = {}
    names = numbers.columns
    # Arrays of a few columns at once: faster for thousands of columns than an expression for each.
    width = max(1, _CELLS_AT_ONCE // max(1, len(frame)))
    for start in range(0, len(names), width):
        part = numbers.select(names[start : start + width])
        values = part.to_numpy().astype(np.float64, copy=False)  # null is NaN here
        nan = np.isnan(values)
        low, high = np.fmin.reduce(values, axis=0), np.fmax.reduce(values, axis=0)  # without NaN
        whole = ((np.floor(values) == values) | nan).all(axis=0)
        for place, series in enumerate(part.iter_columns()):
            nulls, cells = series.null_count(), frame[series.name]
            if not np.isfinite([low[place], high[place]]).all() or nulls > cells.null_count():
                continue
            is_whole = bool(whole[place])
            has_nan = int(nan[:, place].sum()) > nulls
            is_padded = is_whole and _is_padded(cells)
            found[series.name] = PlainNumbers(
                series, float(low[place]), float(high[place]), is_whole, is_padded, has_nan
            )
    return found


def _is_padded(cells: pl.Series) -> bool:
    if cells.dtype != pl.String or not cells.str.contains(r"^\+?0\d").any():
        return False
    return not cells.str.contains(r"[^+\d]|.\+").any()
