"""Read a whole table into memory, as a Polars frame."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from trainyard.data.dialect import Dialect
from trainyard.data.errors import InvalidDatasetError
from trainyard.data.read_options import DEFAULT, ReadOptions
from trainyard.data.source import Head
from trainyard.data.table_file import TableFormat, open_table

if TYPE_CHECKING:
    import polars as pl

    from trainyard.data.block import Lines

MAX_CELLS = 300_000_000
"""Limit on rows times columns of a table in memory. Each cell takes at least 16 bytes, so that this is about 5 GB."""

MAX_COLUMNS = 100_000
"""Limit on the columns of a table in memory."""


@dataclass(frozen=True)
class Table:
    """A table in memory.

    For the types of the columns in `frame`, see `TableFile.frames`; for `notes`, see there. `dialect` is None unless
    the file is delimited text.
    """

    path: Path
    format: TableFormat
    compressed: bool
    dialect: Dialect | None
    frame: pl.DataFrame
    notes: Sequence[str] = ()
    _lines: Sequence[Lines] = field(repr=False, default=())
    _starts: Sequence[int] = field(repr=False, default=())

    def line_of(self, row: int) -> int | None:
        """Return the line on which a row (from 0) starts; in Parquet, which has no lines, the number of the row."""
        position = bisect_right(self._starts, row) - 1
        return int(self._lines[position][row - self._starts[position]]) if position >= 0 else None


def read_table(
    path: Path | str,
    *,
    head: Head | None = None,
    columns: Sequence[str] | None = None,
    while_reading: Callable[[], None] = lambda: None,
    options: ReadOptions = DEFAULT,
) -> Table:
    """Read a CSV, TSV, JSON, JSONL or Parquet file.

    Args:
        head: limits reading; a row that it cuts is left out.
        columns: the columns to read, in the order of the file; default: all.
        while_reading: called before each block of some megabytes; can raise to abort.
        options: how to read the file.

    Raises:
        InvalidDatasetError: the file is invalid; the message gives line and column. Or the table is too large.
    """
    import polars as pl

    file = open_table(Path(path), head, options=options)
    names = file.names if columns is None else [name for name in file.names if name in set(columns)]
    if len(names) > MAX_COLUMNS:
        raise InvalidDatasetError(
            f"{len(names):,} columns found; the maximum for training is {MAX_COLUMNS:,}. Remove columns from the file.",
            path=file.path,
        )
    frames: list[pl.DataFrame] = []
    lines: list[Lines] = []
    starts: list[int] = []
    rows = 0
    for block in file.frames(while_reading, None if columns is None else names):
        frames.append(block.frame)
        lines.append(block.lines)
        starts.append(rows)
        rows += block.frame.height
        if rows * len(names) > MAX_CELLS:
            raise InvalidDatasetError(
                f"the table has more than {MAX_CELLS:,} values (rows times columns), the maximum for training. "
                "Use a part of its rows, or remove columns.",
                path=file.path,
            )
    frame = pl.concat(frames, rechunk=False) if frames else pl.DataFrame(schema=dict.fromkeys(names, pl.String))
    return Table(file.path, file.format, file.compressed, file.dialect, frame, file.notes, lines, starts)
