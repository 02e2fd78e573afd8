"""Scan delimited text files (CSV, TSV) exactly: the header, and rows with the line on which each starts.

Slower than `trainyard.data.block`, but it finds the place and the reason of every error.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from trainyard.data.dialect import Dialect, sniff_delimiter
from trainyard.data.errors import InvalidDatasetError
from trainyard.data.lines import MAX_LINE_BYTES, read_lines
from trainyard.data.source import Head, open_text
from trainyard.data.values import parse_number

_SNIFFED_LINES = 200
# Lines can be up to 16 MiB long; 200 of those would use too much memory.
_SNIFFED_CHARACTERS = 1_000_000
# pandas writes the index of a table as a first column without a name.
UNNAMED_INDEX = "Unnamed: 0"


def find_dialect(path: Path, preferred: str, head: Head | None = None) -> tuple[Dialect, list[str]]:
    """Infer the dialect from the first lines of the file, and return it with the column names.

    Raises:
        InvalidDatasetError: the file is empty, or its header is invalid.
    """
    delimiter = _sniff(path, preferred, head)
    names, first_line = read_header(path, delimiter, head)
    with open_text(path) as (_, encoding):
        return Dialect(delimiter, first_line, encoding), names


def _sniff(path: Path, preferred: str, head: Head | None) -> str:
    sample: list[str] = []
    characters = 0
    for _, text in islice(read_lines(path, head), _SNIFFED_LINES):
        sample.append(text)
        characters += len(text)
        if characters > _SNIFFED_CHARACTERS:
            break
    if not any(text.strip() for text in sample):
        raise InvalidDatasetError("the file is empty; expected a header line with the column names.", path=path)
    return sniff_delimiter(sample, preferred)


def read_header(path: Path, delimiter: str, head: Head | None = None) -> tuple[list[str], int]:
    """Read and check the column names: no empty name, no duplicate, and not the first row of data.

    Returns:
        The names, and the line number after the header.

    Raises:
        InvalidDatasetError: a check failed.
    """
    records = scan_records(read_lines(path, head), delimiter, path, head)
    line, after, names = next(records, (1, 2, []))
    if not names:
        raise InvalidDatasetError(
            "the header line does not end. Close the quotes around column names, or shorten the header.", path=path
        )
    names = [name.strip() for name in names]
    if not names[0] and len(names) > 1:
        names[0] = UNNAMED_INDEX
    counts = Counter(names)
    duplicates = sorted(name for name, count in counts.items() if count > 1 and name)
    if _are_data(names, bool(duplicates)):
        raise InvalidDatasetError(
            f"the first line contains numbers ({delimiter.join(names[:60])[:60]}) instead of column names. "
            "Add a header line with a name for each column.",
            path=path,
            line=line,
        )
    for position, name in enumerate(names, start=1):
        if not name:
            raise InvalidDatasetError(
                f"the name of column {position} of {len(names)} is empty. "
                "Name the column, or remove a delimiter at the end of the line.",
                path=path,
                line=line,
            )
    if duplicates:
        raise InvalidDatasetError(
            f"the column name occurs {counts[duplicates[0]]} times. Give each column a unique name.",
            path=path,
            line=line,
            column=duplicates[0],
        )
    return names, after


def _are_data(names: list[str], has_duplicates: bool) -> bool:
    """Whether all names are numbers and some of them are unlikely names: fractions or duplicates."""
    fractional = False
    for name in names:
        value = parse_number(name)
        if value is None:
            return False
        fractional = fractional or bool(value % 1)
    return has_duplicates or fractional


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
