"""Columns in memory, ready to be encoded: one array for each usable column."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from trainyard.data.columns.dates import DateOrder, parse_dates, parse_times
from trainyard.data.columns.inferred import Inferred, LineOf
from trainyard.data.columns.kind import ColumnKind
from trainyard.data.columns.missing import is_marker, without
from trainyard.data.columns.spelling import group_spellings
from trainyard.data.columns.texts import distinct_texts
from trainyard.data.columns.value_text import to_texts
from trainyard.data.errors import InvalidDatasetError

MISSING_CODE = -1
# Code of every distinct text after the first MAX_LEVELS.
OTHER_CODE = -2
# More distinct texts are not labels.
MAX_LEVELS = 50_000


@dataclass(frozen=True)
class NumberColumn:
    """A numeric column. `values` has shape (rows,), with NaN for missing values."""

    name: str
    values: npt.NDArray[np.float64]


@dataclass(frozen=True)
class DateColumn:
    """A column of dates or times of day. `values` has shape (rows,), with NaN for missing values.

    Dates are days since 1970-01-01 UTC. Times, with the order None, are fractions of a day.
    """

    name: str
    order: DateOrder | None
    values: npt.NDArray[np.float64]


@dataclass(frozen=True)
class CategoryColumn:
    """A column of labels. `codes`, shape (rows,), indexes `levels` (texts in order of appearance).

    The codes MISSING_CODE and OTHER_CODE are not in `levels`.
    """

    name: str
    codes: npt.NDArray[np.int32]
    levels: list[str]


@dataclass(frozen=True)
class TextColumn:
    """A column of free text. `texts` has shape (rows,), String, with null for missing values."""

    name: str
    texts: pl.Series


Column = NumberColumn | DateColumn | CategoryColumn | TextColumn


def to_column(column: Inferred, path: Path | None = None, line_of: LineOf = lambda row: row + 2) -> Column:
    """Return an inferred column as arrays.

    Raises:
        InvalidDatasetError: a number is infinite. The message names `path` and the line.
    """
    return _load(column.name, column.cells, column.kind, column.numbers, path, line_of)


def read_column(
    series: pl.Series, kind: ColumnKind, path: Path | None = None, line_of: LineOf = lambda row: row + 2
) -> Column:
    """Return the cells of other rows, such as those to predict, as arrays of a known kind.

    A cell that is not a number (or date) in a column of numbers (or dates) counts as missing.

    Raises:
        InvalidDatasetError: a number is infinite. The message names `path` and the line.
    """
    cells = without(series, kind.missing)
    return _load(series.name, cells, kind, None, path, line_of)


def _load(
    name: str, cells: pl.Series, kind: ColumnKind, numbers: pl.Series | None, path: Path | None, line_of: LineOf
) -> Column:
    if kind.kind == "number":
        values = numbers if numbers is not None else _numbers(cells, kind)
        array = _with_nan(values)
        _check_finite(array, cells, path, line_of)
        return NumberColumn(name, array)
    if kind.kind in ("date", "time"):
        return DateColumn(name, kind.date_order, _with_nan(_days(cells, kind)))
    if kind.kind == "text":
        return TextColumn(name, to_texts(cells))
    return _category(name, cells, kind)


def _numbers(cells: pl.Series, kind: ColumnKind) -> pl.Series:
    plain: pl.Series
    if cells.dtype.is_numeric():
        plain = cells.cast(pl.Float64)
        return plain
    if cells.dtype != pl.String:  # true is not 1
        return pl.Series(cells.name, [None] * len(cells), dtype=pl.Float64)
    plain = cells.cast(pl.Float64, strict=False)
    if kind.notation.decimal == "." and plain.null_count() == cells.null_count():
        return plain
    texts = distinct_texts(cells)
    values = kind.notation.read(texts.levels).zip_with(~is_marker(texts.levels), pl.Series([None], dtype=pl.Float64))
    return texts.spread(cells, values)


def _days(cells: pl.Series, kind: ColumnKind) -> pl.Series:
    days: pl.Series
    is_time = kind.kind == "time"
    if is_time and cells.dtype == pl.Time:
        days = cells.cast(pl.Int64) / 86_400e9
        return days
    if not is_time and cells.dtype in (pl.Date, pl.Datetime):
        days = cells.cast(pl.Datetime("us")).cast(pl.Int64) / 86_400e6
        return days
    cells = to_texts(cells)
    texts = distinct_texts(cells)
    parsed = parse_times(texts.levels) if is_time else parse_dates(texts.levels, kind.date_order or "YMD")
    return texts.spread(cells, parsed)


def _category(name: str, cells: pl.Series, kind: ColumnKind) -> CategoryColumn:
    cells = to_texts(cells)
    texts = distinct_texts(cells)
    values, position = group_spellings(texts, kind.exact)
    codes = position.cast(pl.Int32).to_numpy()
    codes = pl.Series(np.where(codes < MAX_LEVELS, codes, OTHER_CODE), dtype=pl.Int32)
    spread = texts.spread(cells, codes).fill_null(MISSING_CODE).to_numpy()
    return CategoryColumn(name, np.ascontiguousarray(spread, dtype=np.int32), values.head(MAX_LEVELS).to_list())


def _with_nan(values: pl.Series) -> npt.NDArray[np.float64]:
    # A writable copy: PyTorch warns about read-only arrays. null becomes NaN.
    return np.array(values.to_numpy(), dtype=np.float64)


def _check_finite(values: npt.NDArray[np.float64], cells: pl.Series, path: Path | None, line_of: LineOf) -> None:
    infinite = np.isinf(values)
    if not infinite.any():
        return
    row = int(infinite.argmax())
    raise InvalidDatasetError(
        f"{str(cells[row])[:40]!r} is infinite or too large; expected a finite number. "
        "Correct it, or leave the cell empty for a missing value.",
        path=path,
        line=line_of(row),
        column=cells.name,
    )
