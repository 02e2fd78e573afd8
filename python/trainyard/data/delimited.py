"""Rows of a delimited text file (CSV, TSV): the header, then lists of cells with the line they begin in."""

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
# Of lines as long as a line may be, so many would not fit into memory.
_SNIFFED_CHARACTERS = 1_000_000
# pandas writes a table's index as a first column without a name.
UNNAMED_INDEX = "Unnamed: 0"


def sniff(path: Path, preferred: str, head: Head | None = None) -> str:
    """The delimiter of the file, from its first lines. Raises InvalidDatasetError when it is empty."""
    sample: list[str] = []
    characters = 0
    for _, text in islice(read_lines(path, head), _SNIFFED_LINES):
        sample.append(text)
        characters += len(text)
        if characters > _SNIFFED_CHARACTERS:
            break
    if not any(text.strip() for text in sample):
        raise InvalidDatasetError("the file is empty; a line with the column names was expected.", path=path)
    return sniff_delimiter(sample, preferred)


def read_header(path: Path, delimiter: str, head: Head | None = None) -> list[str]:
    """The column names, checked: none missing, none twice, and not plainly the first row of data."""
    line, names = next(_records(path, delimiter, head), (1, []))
    if not names:
        raise InvalidDatasetError("a line with the column names was expected, and there is no end to it.", path=path)
    names = [name.strip() for name in names]
    if not names[0] and len(names) > 1:
        names[0] = UNNAMED_INDEX
    counts = Counter(names)
    duplicates = sorted(name for name, count in counts.items() if count > 1 and name)
    if _are_data(names, bool(duplicates)):
        raise InvalidDatasetError(
            f"the first line holds numbers ({delimiter.join(names[:60])[:60]}) where the column names were expected. "
            "Add a line with a name for each column.",
            path=path,
            line=line,
        )
    for position, name in enumerate(names, start=1):
        if not name:
            raise InvalidDatasetError(
                f"field {position} of {len(names)} is empty; a name for each column was expected. "
                "Name it, or take a delimiter at the end of the line away.",
                path=path,
                line=line,
            )
    if duplicates:
        raise InvalidDatasetError(
            f"the name occurs {counts[duplicates[0]]} times; each column needs a name of its own.",
            path=path,
            line=line,
            column=duplicates[0],
        )
    return names


def _are_data(names: list[str], has_duplicates: bool) -> bool:
    """Whether names are all numbers, and some of them such that nobody would name a column like it."""
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
    """Yield (line, the first `width` of `columns` cells) below the header. Raises InvalidDatasetError at other rows."""
    records = _records(path, delimiter, head)
    next(records)
    for line, cells in records:
        if len(cells) != columns:
            found = f"{len(cells)} value{'s' if len(cells) != 1 else ''}"
            raise InvalidDatasetError(
                f"{found} found, {columns} expected, one for each column name. "
                f"The delimiter is {delimiter!r}; a value that contains it has to be quoted.",
                path=path,
                line=line,
            )
        yield line, cells if width is None else cells[:width]


def _records(path: Path, delimiter: str, head: Head | None) -> Iterator[tuple[int, list[str]]]:
    """Parsed records with the line they begin in (a quoted field may span several); blank lines are left out."""
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
            return  # There were no more lines: it is the last record that is cut, within its quotes.
        raise InvalidDatasetError(
            f"the quotes cannot be understood ({error}). A quoted value ends with a quote before the next delimiter, "
            'and a quote inside it is written twice ("").',
            path=path,
            line=start,
        ) from error
