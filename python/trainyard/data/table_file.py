"""Open a table file of any supported format and read its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from trainyard.data import jsonl
from trainyard.data.delimited import find_dialect
from trainyard.data.delimited_blocks import count_rows, read_blocks
from trainyard.data.dialect import Dialect
from trainyard.data.errors import InvalidDatasetError
from trainyard.data.lines import read_lines
from trainyard.data.polars_check import check_polars
from trainyard.data.source import Head, is_gzip

if TYPE_CHECKING:
    from trainyard.data.block import Block

TableFormat = Literal["CSV", "TSV", "JSONL"]

BLOCK_ROWS = 4096
_BLOCK_CELLS = 1024 * BLOCK_ROWS
_JSONL_SUFFIXES = {".jsonl", ".ndjson", ".json"}
_TSV_SUFFIXES = {".tsv", ".tab"}
_DELIMITED_SUFFIXES = {".csv", *_TSV_SUFFIXES}


def _do_nothing() -> None:
    pass


@dataclass(frozen=True)
class TableFile:
    """A readable table.

    `names` are the column names in order. `dialect` is None for JSONL. `head` limits reading; None reads all rows.
    """

    path: Path
    format: TableFormat
    compressed: bool
    dialect: Dialect | None
    names: list[str]
    head: Head | None = None

    @property
    def decimal_comma(self) -> bool:
        """Whether "1,5" is 1.5: see `Dialect.decimal_comma`."""
        return self.dialect is not None and self.dialect.decimal_comma

    def count_rows(self) -> int:
        """Return the number of rows, in constant memory and without Polars.

        Raises:
            InvalidDatasetError: a row is invalid.
        """
        if self.dialect is None:
            return sum(1 for _ in jsonl.read_rows(self.path, [], self.head))
        return count_rows(self.path, self.dialect, len(self.names), self.head)

    def frames(
        self, while_reading: Callable[[], None] = _do_nothing, columns: Sequence[str] | None = None
    ) -> Iterator[Block]:
        """Yield all rows, in blocks of some megabytes. Every column has strings; an empty cell is None.

        Args:
            while_reading: called before each block; can raise to abort.
            columns: the columns to read, in the order of the file; default: all.

        Raises:
            InvalidDatasetError: a row is invalid.
        """
        if self.dialect is not None:
            return read_blocks(self.path, self.dialect, self.names, self.head, while_reading, columns)
        return self._jsonl_frames(while_reading, list(self.names if columns is None else columns))

    def _jsonl_frames(self, while_reading: Callable[[], None], names: list[str]) -> Iterator[Block]:
        check_polars(self.path)
        from trainyard.data.block import block_of

        rows = jsonl.read_rows(self.path, names, self.head)
        size = max(1, min(BLOCK_ROWS, _BLOCK_CELLS // len(names)))
        while chunk := list(islice(rows, size)):
            while_reading()
            yield block_of(chunk, names)

    def blocks(
        self, width: int | None = None, while_reading: Callable[[], None] = _do_nothing
    ) -> Iterator[tuple[Sequence[int], list[list[str]]]]:
        """Yield (lines, columns) for blocks of up to BLOCK_ROWS rows. `columns[i][j]` is row j of column i, stripped.

        Blocks of wide tables have fewer rows, to limit memory.

        Args:
            width: number of columns to yield, from the first; default: all.
            while_reading: see `frames`.
        """
        names = self.names[:width]
        size = max(1, min(BLOCK_ROWS, _BLOCK_CELLS // len(names)))
        for block in self.frames(while_reading, names):
            for first in range(0, block.frame.height, size):
                part = block.frame.slice(first, size)
                lines = [block.line(first + row) for row in range(part.height)]
                yield lines, [column.fill_null("").to_list() for column in part]


def open_table(path: Path, head: Head | None = None) -> TableFile:
    """Infer format, dialect and column names of a CSV, TSV or JSONL file, plain or gzip.

    A known extension selects JSONL or delimited text; otherwise the first character does. The delimiter is always
    inferred. A JSONL file is read completely, because any line can contain a new key. `head` limits all reading.

    Raises:
        InvalidDatasetError: the file does not exist, or its format is invalid.
    """
    if not path.exists():
        raise InvalidDatasetError("file not found.", path=path)
    kind = path.with_suffix("").suffix.lower() if path.suffix.lower() == ".gz" else path.suffix.lower()
    first = next((text for _, text in read_lines(path, head) if text.strip()), "")
    compressed = is_gzip(path)
    if kind in _JSONL_SUFFIXES or (kind not in _DELIMITED_SUFFIXES and first.lstrip().startswith("{")):
        return TableFile(path, "JSONL", compressed, None, jsonl.read_names(path, head), head)
    dialect, names = find_dialect(path, "\t" if kind in _TSV_SUFFIXES else ",", head)
    return TableFile(path, "TSV" if dialect.delimiter == "\t" else "CSV", compressed, dialect, names, head)
