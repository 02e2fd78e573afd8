"""Scan delimited text files (CSV, TSV) exactly: the header, and rows with the line on which each starts.

Slower than `trainyard.data.block`, but it finds the place and the reason of every error.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from trainyard.data.dialect import Dialect, fields_of
from trainyard.data.errors import InvalidDatasetError
from trainyard.data.lines import MAX_LINE_BYTES, read_lines
from trainyard.data.preamble import find_start, is_header_missing
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
    sample = _sample(path, head)
    skipped, delimiter = find_start(sample, preferred)
    notes = [_skipped_note(sample[:skipped])] if any(text.strip() for text in sample[:skipped]) else []
    names, line, first_line = _read_names(path, delimiter, skipped, head)
    below = [fields for fields in fields_of(sample[skipped:], delimiter) if fields][1:]
    header = not (below and is_header_missing(names, below))
    if header:
        names = _checked(names, delimiter, path, line)
    else:
        names, first_line = [f"column_{number}" for number in range(1, len(names) + 1)], line
        notes.append(
            f"Line {line} contains values instead of column names, so that it counts as the first row. The columns are "
            f"named {names[0]} to {names[-1]}; add a header line to name them."
        )
    with open_text(path) as (_, encoding):
        return Dialect(delimiter, first_line, encoding, header, tuple(notes)), names


def _skipped_note(skipped: list[str]) -> str:
    first = next(text for text in skipped if text.strip()).strip()
    lines = "Line 1 is" if len(skipped) == 1 else f"Lines 1 to {len(skipped)} are"
    return f"{lines} not part of the table and left out ({first[:60]!r})."


def _sample(path: Path, head: Head | None) -> list[str]:
    sample: list[str] = []
    characters = 0
    for _, text in islice(read_lines(path, head), _SNIFFED_LINES):
        sample.append(text)
        characters += len(text)
        if characters > _SNIFFED_CHARACTERS:
            break
    if not any(text.strip() for text in sample):
        raise InvalidDatasetError("the file is empty; expected a header line with the column names.", path=path)
    return sample


def _read_names(path: Path, delimiter: str, skipped: int, head: Head | None) -> tuple[list[str], int, int]:
    """Return the stripped cells of the first record, its line, and the line after it."""
    lines = ((number, text) for number, text in read_lines(path, head) if number > skipped)
    records = scan_records(lines, delimiter, path, head)
    line, after, names = next(records, (1, 2, []))
    if not names:
        raise InvalidDatasetError(
            "the header line does not end. Close the quotes around column names, or shorten the header.", path=path
        )
    return [name.strip() for name in names], line, after


def _checked(names: list[str], delimiter: str, path: Path, line: int) -> list[str]:
    """Return the column names: none is empty, none occurs twice, and they are not a row of data.

    Raises:
        InvalidDatasetError: a check failed.
    """
    if not names[0] and len(names) > 1:
        names[0] = UNNAMED_INDEX if UNNAMED_INDEX not in names else f"{UNNAMED_INDEX}.1"
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
