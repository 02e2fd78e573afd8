"""A table in a file, whatever its format: the names of its columns and, as often as one likes, its rows."""

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
    """A readable table. `names` are the columns in order; `delimiter` is None for JSONL; a `head` is its end."""

    path: Path
    format: TableFormat
    compressed: bool
    delimiter: str | None
    names: list[str]
    head: Head | None = None

    @property
    def decimal_comma(self) -> bool:
        """Whether "1,5" means one and a half: only where the semicolon separates, as spreadsheets then write it."""
        return self.delimiter == ";"

    def rows(self, width: int | None = None) -> Iterator[tuple[int, list[str]]]:
        """Yield (line, cells) from the first row on, in constant memory. Raises InvalidDatasetError.

        Args:
            width: only the cells of so many first columns; by default all.
        """
        if self.delimiter is None:
            return jsonl.read_rows(self.path, self.names[:width], self.head)
        return delimited.read_rows(self.path, self.delimiter, len(self.names), self.head, width)

    def blocks(self, width: int | None = None) -> Iterator[tuple[list[int], list[tuple[str, ...]]]]:
        """Yield (lines, columns) of up to BLOCK_ROWS rows; `columns[i][j]` is the cell of column i in row j, stripped.

        A wide table has fewer rows in a block, so that a block stays small. `width` is that of `rows`.
        """
        rows = self.rows(width)
        size = max(1, min(BLOCK_ROWS, _BLOCK_CELLS // len(self.names[:width])))
        while block := list(islice(rows, size)):
            lines, records = zip(*block)
            yield list(lines), [tuple(map(str.strip, cells)) for cells in zip(*records)]


def open_table(path: Path, head: Head | None = None) -> TableFile:
    """Find out format, delimiter and column names of a CSV, TSV or JSONL file, plain or gzip.

    A known extension decides between JSONL and delimited text, else the first character does; the delimiter is
    always sniffed. JSONL is read through once, since any line may bring a new key. With a `head` nothing behind it is
    looked at. Raises InvalidDatasetError.
    """
    if not path.exists():
        raise InvalidDatasetError("there is no such file.", path=path)
    kind = path.with_suffix("").suffix.lower() if path.suffix.lower() == ".gz" else path.suffix.lower()
    first = next((text for _, text in read_lines(path, head) if text.strip()), "")
    compressed = is_gzip(path)
    if kind in _JSONL_SUFFIXES or (kind not in _DELIMITED_SUFFIXES and first.lstrip().startswith("{")):
        return TableFile(path, "JSONL", compressed, None, jsonl.read_names(path, head), head)
    delimiter = delimited.sniff(path, "\t" if kind in _TSV_SUFFIXES else ",", head)
    names = delimited.read_header(path, delimiter, head)
    return TableFile(path, "TSV" if delimiter == "\t" else "CSV", compressed, delimiter, names, head)
