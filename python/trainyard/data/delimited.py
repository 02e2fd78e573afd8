"""Scan the rows of delimited text (CSV, TSV) exactly, with the line on which each starts.

Slower than `trainyard.data.block`, but it finds the place and the reason of every error.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

from trainyard.data.errors import InvalidDatasetError
from trainyard.data.lines import MAX_LINE_BYTES
from trainyard.data.source import Head


def scan_rows(
    lines: Iterable[tuple[int, str]],
    delimiter: str,
    columns: int,
    path: Path,
    head: Head | None = None,
) -> Iterator[tuple[int, list[str]]]:
    """Yield (line, cells) for each row. `columns` is the expected number of cells.

    Raises:
        InvalidDatasetError: a row has a different number of cells, or its quotes are invalid.
    """
    for line, _, cells in scan_records(lines, delimiter, path, head):
        if len(cells) != columns:
            found = f"{len(cells)} value{'s' if len(cells) != 1 else ''}"
            raise InvalidDatasetError(
                f"{found} found, {columns} expected (one for each column). "
                f"The delimiter is {delimiter!r}: quote values that contain it.",
                path=path,
                line=line,
            )
        yield line, cells


def scan_records(
    lines: Iterable[tuple[int, str]], delimiter: str, path: Path, head: Head | None
) -> Iterator[tuple[int, int, list[str]]]:
    """Yield (line, line after the record, cells) for each record.

    A quoted value can span lines; blank lines are skipped.

    Raises:
        InvalidDatasetError: the quotes of a record are invalid.
    """
    start: int | None = None
    after = 1

    def texts() -> Iterator[str]:
        nonlocal start, after
        for number, text in lines:
            start = number if start is None else start
            after = number + 1
            yield text

    csv.field_size_limit(MAX_LINE_BYTES)
    try:
        for cells in csv.reader(texts(), delimiter=delimiter, skipinitialspace=True, strict=True):
            if cells:
                yield start or 1, after, cells
            start = None
    except csv.Error as error:
        if head is not None and head.cut:
            return  # The head ended inside a quoted field: the last record is incomplete, not invalid.
        raise InvalidDatasetError(
            f"invalid quoting ({error}). End a quoted value with a quote before the next delimiter, "
            'and write a quote inside it twice ("").',
            path=path,
            line=start,
        ) from error
