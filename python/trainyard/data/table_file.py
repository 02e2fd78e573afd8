"""Open a table file of any supported format and read its rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from trainyard.data.delimited_blocks import count_rows, read_blocks
from trainyard.data.dialect import Dialect
from trainyard.data.errors import InvalidDatasetError
from trainyard.data.find_dialect import find_dialect
from trainyard.data.json_table import scan_json
from trainyard.data.lines import read_start
from trainyard.data.parquet import scan_parquet
from trainyard.data.read_options import DEFAULT, ReadOptions
from trainyard.data.source import Head, is_gzip, is_parquet

if TYPE_CHECKING:
    from trainyard.data.block import Block

TableFormat = Literal["CSV", "TSV", "JSONL", "JSON", "PARQUET"]
WhileReading = Callable[[], None]

BLOCK_ROWS = 4096
_START_BYTES = 64 * 1024
_BLOCK_CELLS = 1024 * BLOCK_ROWS
_JSON_SUFFIXES = {".jsonl", ".ndjson", ".json"}
_TSV_SUFFIXES = {".tsv", ".tab"}
_DELIMITED_SUFFIXES = {".csv", *_TSV_SUFFIXES}


def _do_nothing() -> None:
    pass


@dataclass(frozen=True)
class TableFile:
    """A readable table.

    `names` are the column names in order. `dialect` is None unless the file is delimited text. `head` limits reading;
    None reads all rows. `notes` say how the file is read, such as lines before the header that are left out.
    """

    path: Path
    format: TableFormat
    compressed: bool
    dialect: Dialect | None
    names: list[str]
    head: Head | None
    _count: Callable[[], int]
    _blocks: Callable[[WhileReading, Sequence[str] | None], Iterator[Block]]
    notes: Sequence[str] = ()

    @property
    def decimal_comma(self) -> bool:
        """Whether "1,5" is 1.5: see `Dialect.decimal_comma`."""
        return self.dialect is not None and self.dialect.decimal_comma

    def count_rows(self) -> int:
        """Return the number of rows. Text is read in constant memory and without Polars.

        Raises:
            InvalidDatasetError: a row is invalid.
        """
        return self._count()

    def frames(
        self, while_reading: WhileReading = _do_nothing, columns: Sequence[str] | None = None
    ) -> Iterator[Block]:
        """Yield all rows, in blocks of some megabytes. An empty cell is None.

        Columns of delimited text are strings. In JSON, numbers and booleans keep their type if all values of the column
        have it. In Parquet, they keep it, and so do dates and times. A column has one type in all blocks.

        Args:
            while_reading: called before each block; can raise to abort.
            columns: the columns to read, in the order of the file; default: all.

        Raises:
            InvalidDatasetError: a row is invalid.
        """
        return self._blocks(while_reading, columns)

    def small_blocks(self, while_reading: WhileReading = _do_nothing) -> Iterator[Block]:
        """Yield all rows like `frames`, in blocks of up to BLOCK_ROWS rows; of a wide table fewer, to limit memory."""
        from trainyard.data.block import Block

        size = max(1, min(BLOCK_ROWS, _BLOCK_CELLS // len(self.names)))
        for block in self.frames(while_reading):
            for first in range(0, block.frame.height, size):
                yield Block(block.frame.slice(first, size), block.lines[first : first + size])


def open_table(
    path: Path,
    head: Head | None = None,
    while_reading: WhileReading = _do_nothing,
    options: ReadOptions = DEFAULT,
) -> TableFile:
    """Infer format, dialect and column names of a CSV, TSV, JSON, JSONL or Parquet file; all but Parquet can be gzip.

    A known extension selects JSON or delimited text; otherwise the first character does. The delimiter is always
    inferred. A JSON file is read completely, because any object can contain a new key. `head` limits all reading.

    Raises:
        InvalidDatasetError: the file does not exist, or its format is invalid.
    """
    if not path.exists():
        raise InvalidDatasetError("file not found.", path=path)
    kind = path.with_suffix("").suffix.lower() if path.suffix.lower() == ".gz" else path.suffix.lower()
    if path.is_file() and is_parquet(path):
        _refuse(path, "a Parquet file", encoding=options.encoding, header=options.header)
        return _open_parquet(path, head)
    if kind == ".parquet":
        raise InvalidDatasetError("the name ends in .parquet, but the content is not Parquet. Rename it.", path=path)
    start = read_start(path, _START_BYTES, options.encoding)
    is_json = start.startswith("{") or (start.startswith("[") and start[1:].lstrip().startswith("{"))
    # No header starts like this, whatever the name of the file.
    is_json = is_json and (kind not in _DELIMITED_SUFFIXES or re.match(r'\[?\s*\{\s*"[^"]*"\s*:', start) is not None)
    if kind in _JSON_SUFFIXES or is_json:
        _refuse(path, "JSON", header=options.header)
        return _open_json(path, head, while_reading, options.encoding)
    return _open_delimited(path, "\t" if kind in _TSV_SUFFIXES else ",", head, options)


def _refuse(path: Path, form: str, **given: object) -> None:
    """Raise InvalidDatasetError for an option that files of this form do not have."""
    for option, value in given.items():
        if value is not None:
            raise InvalidDatasetError(
                f"this is {form}, for which the option {option} has no meaning. Leave it out.", path=path, option=option
            )


def _open_parquet(path: Path, head: Head | None) -> TableFile:
    table = scan_parquet(path, head)
    return TableFile(path, "PARQUET", False, None, table.names, head, lambda: table.rows, partial(table.blocks, head))


def _open_json(path: Path, head: Head | None, while_reading: WhileReading, encoding: str | None) -> TableFile:
    table = scan_json(path, head, while_reading, encoding)
    form: TableFormat = "JSONL" if table.lines else "JSON"
    names = list(table.types)
    blocks = partial(table.blocks, head)
    return TableFile(path, form, is_gzip(path), None, names, head, lambda: table.rows, blocks, table.notes)


def _open_delimited(path: Path, preferred: str, head: Head | None, options: ReadOptions) -> TableFile:
    dialect, names = find_dialect(path, preferred, head, options)
    form: TableFormat = "TSV" if dialect.delimiter == "\t" else "CSV"

    def count() -> int:
        return count_rows(path, dialect, len(names), head)

    def blocks(while_reading: WhileReading, columns: Sequence[str] | None) -> Iterator[Block]:
        return read_blocks(path, dialect, names, head, while_reading, columns)

    return TableFile(path, form, is_gzip(path), dialect, names, head, count, blocks, dialect.notes)
