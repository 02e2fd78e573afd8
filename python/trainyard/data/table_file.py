"""Open a table file of any supported format and iterate over its rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal

from trainyard.data import delimited, jsonl
from trainyard.data.errors import InvalidDatasetError
from trainyard.data.lines import Head, is_gzip, read_lines

TableFormat = Literal["CSV", "TSV", "JSONL"]

BLOCK_ROWS = 4096
_BLOCK_CELLS = 1024 * BLOCK_ROWS
_JSONL_SUFFIXES = {".jsonl", ".ndjson", ".json"}
_TSV_SUFFIXES = {".tsv", ".tab"}
_DELIMITED_SUFFIXES = {".csv", *_TSV_SUFFIXES}


@dataclass(frozen=True)
class TableFile:
    """A readable table.

    `names` are the column names in order. `delimiter` is None for JSONL. `head` limits reading; None reads all rows.
    """

    path: Path
    format: TableFormat
    compressed: bool
    delimiter: str | None
    names: list[str]
    head: Head | None = None

    @property
    def decimal_comma(self) -> bool:
        """Whether "1,5" is 1.5: only with the delimiter ";", which spreadsheets use with decimal commas."""
        return self.delimiter == ";"

    def rows(self, width: int | None = None) -> Iterator[tuple[int, list[str]]]:
        """Yield (line, cells) for each row, in constant memory.

        Args:
            width: number of columns to yield, from the first; default: all.

        Raises:
            InvalidDatasetError: a row is invalid.
        """
        if self.delimiter is None:
            return jsonl.read_rows(self.path, self.names[:width], self.head)
        return delimited.read_rows(self.path, self.delimiter, len(self.names), self.head, width)

    def blocks(self, width: int | None = None) -> Iterator[tuple[list[int], list[tuple[str, ...]]]]:
        """Yield (lines, columns) for blocks of up to BLOCK_ROWS rows. `columns[i][j]` is row j of column i, stripped.

        Blocks of wide tables have fewer rows, to limit memory. `width`: see `rows`.
        """
        rows = self.rows(width)
        size = max(1, min(BLOCK_ROWS, _BLOCK_CELLS // len(self.names[:width])))
        while block := list(islice(rows, size)):
            lines, records = zip(*block)
            yield list(lines), [tuple(map(str.strip, cells)) for cells in zip(*records)]


def open_table(path: Path, head: Head | None = None) -> TableFile:
    """Infer format, delimiter and column names of a CSV, TSV or JSONL file, plain or gzip.

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
    delimiter = delimited.sniff(path, "\t" if kind in _TSV_SUFFIXES else ",", head)
    names = delimited.read_header(path, delimiter, head)
    return TableFile(path, "TSV" if delimiter == "\t" else "CSV", compressed, delimiter, names, head)
