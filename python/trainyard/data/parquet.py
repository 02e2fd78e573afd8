"""Read Parquet files: structs as columns `a.b`, lists of numbers as `a.0`, `a.1` and so on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainyard.data.errors import InvalidDatasetError
from trainyard.data.flatten import MAX_ARRAY
from trainyard.data.polars_check import check_polars
from trainyard.data.source import Head

if TYPE_CHECKING:
    import polars as pl

    from trainyard.data.block import Block

_BLOCK_ROWS = 65_536
_BLOCK_CELLS = 16 * _BLOCK_ROWS
_HEAD_ROWS = 16_384


@dataclass(frozen=True)
class ParquetTable:
    """The columns and the number of rows of a Parquet file, from its metadata and its first rows."""

    path: Path
    names: list[str]
    rows: int

    def blocks(
        self, head: Head | None, while_reading: Callable[[], None], columns: Sequence[str] | None = None
    ) -> Iterator[Block]:
        """Yield all rows, with their types. The "line" of a row is its number, from 1."""
        import polars as pl

        from trainyard.data.block import Block

        limit = self.rows if head is None else min(self.rows, _HEAD_ROWS)
        if head is not None:
            head.cut = limit < self.rows
        names = self.names if columns is None else [name for name in self.names if name in set(columns)]
        size = max(1, min(_BLOCK_ROWS, _BLOCK_CELLS // max(1, len(self.names))))
        with _reporting(self.path):
            lazy = pl.scan_parquet(self.path, glob=False)
            for first in range(0, limit, size):
                while_reading()
                frame = _flatten(lazy.slice(first, min(size, limit - first)).collect(), self.names)
                yield Block(frame.select(names), range(first + 1, first + 1 + frame.height))


def scan_parquet(path: Path, head: Head | None = None) -> ParquetTable:
    """Return the columns of a Parquet file.

    Raises:
        InvalidDatasetError: the file is damaged, or Polars is not installed.
    """
    check_polars(path)
    import polars as pl

    with _reporting(path):
        lazy = pl.scan_parquet(path, glob=False)
        rows = int(lazy.select(pl.len()).collect().item())
        names = _names(lazy.collect_schema(), lazy if head is None else lazy.head(_HEAD_ROWS), path)
    if not names:
        raise InvalidDatasetError("the file has no columns.", path=path)
    return ParquetTable(path, names, rows)


def _names(schema: Any, lazy: pl.LazyFrame, path: Path) -> list[str]:
    import polars as pl

    lists = [name for name, dtype in schema.items() if isinstance(dtype, pl.List) and dtype.inner.is_numeric()]
    lengths: dict[str, int] = {}
    if lists:
        longest = lazy.select(pl.col(lists).list.len().max()).collect()
        lengths = {name: int(longest[name][0] or 0) for name in lists}
    names: list[str] = []
    for name, dtype in schema.items():
        names.extend(_names_of(name, dtype, lengths.get(name, 0)))
    name, count = Counter(names).most_common(1)[0] if names else ("", 1)
    if count > 1:
        raise InvalidDatasetError(f"{count} columns have this name. Rename the others.", path=path, column=name)
    return names


def _names_of(name: str, dtype: Any, length: int) -> list[str]:
    import polars as pl

    if isinstance(dtype, pl.Struct):
        return [each for field in dtype.fields for each in _names_of(f"{name}.{field.name}", field.dtype, 0)]
    if isinstance(dtype, pl.Array) and dtype.inner is not None and dtype.size <= MAX_ARRAY:
        length = dtype.size
    return [f"{name}.{position}" for position in range(length)] if 0 < length <= MAX_ARRAY else [name]


def _flatten(frame: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """Return the columns `names`: plain ones of a supported type, parts of structs, and numbers of lists."""
    import polars as pl

    wanted = set(names)
    flat: dict[str, pl.Series] = {}

    def add(name: str, series: pl.Series) -> None:
        dtype = series.dtype
        if isinstance(dtype, pl.Struct):
            for field in dtype.fields:
                add(f"{name}.{field.name}", series.struct.field(field.name))
        elif isinstance(dtype, (pl.List, pl.Array)) and f"{name}.0" in wanted:
            items = series if isinstance(dtype, pl.List) else series.arr.to_list()
            position = 0
            while f"{name}.{position}" in wanted:
                flat[f"{name}.{position}"] = _plain(items.list.get(position, null_on_oob=True))
                position += 1
        else:
            flat[name] = _plain(series)

    for series in frame:
        add(series.name, series)
    return pl.DataFrame([flat[name].alias(name) for name in names])


def _plain(series: pl.Series) -> pl.Series:
    """Return numbers, booleans, dates and times as they are, and everything else as stripped text."""
    import polars as pl

    dtype = series.dtype
    plain = series
    if dtype == pl.Binary:
        return pl.Series(series.name, [None] * len(series), dtype=pl.String)
    if dtype.is_nested():
        values = (value.to_list() if isinstance(value, pl.Series) else value for value in series)
        texts = [None if value is None else str(value) for value in values]
        return pl.Series(series.name, texts, dtype=pl.String)
    # Integers that may be beyond 64 bits stay exact as text, in every block alike.
    if dtype.is_integer() and dtype not in (pl.UInt64, pl.Int128, pl.UInt128):
        plain = series.cast(pl.Int64)
    elif dtype.is_decimal() or dtype.is_float():
        plain = series.cast(pl.Float64).fill_nan(None)
    elif dtype == pl.Duration:
        plain = series.dt.total_microseconds() / 1e6
    elif dtype != pl.Boolean and not dtype.is_temporal():
        plain = series.cast(pl.String).str.strip_chars().replace("", None)
    return plain


@contextmanager
def _reporting(path: Path) -> Iterator[None]:
    import polars as pl

    try:
        yield
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise InvalidDatasetError(
            f"the Parquet data is damaged or not supported ({reason}). Write the file again.", path=path
        ) from error
