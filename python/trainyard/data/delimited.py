"""Read delimited text files (CSV, TSV): the header, then lists of cells with the line where each row starts."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from trainyard.data.dialect import sniff_delimiter
from trainyard.data.errors import InvalidDatasetError
from trainyard.data.lines import Head, read_lines
from trainyard.data.values import parse_number

_SNIFFED_LINES = 200
# Lines can be up to 16 MiB long; 200 of those would use too much memory.
_SNIFFED_CHARACTERS = 1_000_000
# pandas writes the index of a table as a first column without a name.
UNNAMED_INDEX = "Unnamed: 0"


def sniff(path: Path, preferred: str, head: Head | None = None) -> str:
    """Infer the delimiter from the first lines of the file. Raises InvalidDatasetError if the file is empty."""
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


def read_header(path: Path, delimiter: str, head: Head | None = None) -> list[str]:
    """Read and check the column names: no empty name, no duplicate, and not the first row of data.

    Raises:
        InvalidDatasetError: a check failed.
    """
    line, names = next(_records(path, delimiter, head), (1, []))
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
    return names


def _are_data(names: list[str], has_duplicates: bool) -> bool:
    """Whether all names are numbers and some of them are unlikely names: fractions or duplicates."""
    fractional = False
    for name in names:
        value = parse_number(name)
        if value is None:
            return False
        fractional = fractional or bool(value % 1)
    return has_duplicates or fractional


def read_rows(
    path: Path, delimiter: str, columns: int, head: Head | None = None, width: int | None = None
) -> Iterator[tuple[int, list[str]]]:
    """Yield (line, cells) for each row below the header.

    Args:
        columns: expected number of cells in a row.
        width: number of cells to yield from the start of each row; default: all.

    Raises:
        InvalidDatasetError: a row has a different number of cells.
    """
    records = _records(path, delimiter, head)
    next(records)
    for line, cells in records:
        if len(cells) != columns:
            found = f"{len(cells)} value{'s' if len(cells) != 1 else ''}"
            raise InvalidDatasetError(
                f"{found} found, {columns} expected (one for each column). "
                f"The delimiter is {delimiter!r}: quote values that contain it.",
                path=path,
                line=line,
            )
        yield line, cells if width is None else cells[:width]


def _records(path: Path, delimiter: str, head: Head | None) -> Iterator[tuple[int, list[str]]]:
    """Yield parsed records with the line where each starts. A quoted field can span lines; blank lines are skipped."""
    lines = (text for _, text in read_lines(path, head))
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True)
    start = 1
    try:
        for cells in reader:
            if cells:
                yield start, cells
            start = reader.line_num + 1
    except csv.Error as error:
        if head is not None and head.cut:
            return  # The head ended inside a quoted field: the last record is incomplete, not invalid.
        raise InvalidDatasetError(
            f"invalid quoting ({error}). End a quoted value with a quote before the next delimiter, "
            'and write a quote inside it twice ("").',
            path=path,
            line=start,
        ) from error
