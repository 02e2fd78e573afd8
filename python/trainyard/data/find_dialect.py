"""Find out how a delimited text file is written: where its table starts, its delimiter and its column names."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from pathlib import Path

from trainyard.data.delimited import scan_records
from trainyard.data.dialect import Dialect, fields_of
from trainyard.data.errors import InvalidDatasetError
from trainyard.data.header_width import complete_names
from trainyard.data.lines import read_lines
from trainyard.data.preamble import find_delimiter, find_start, is_header_missing
from trainyard.data.read_options import DEFAULT, ReadOptions
from trainyard.data.source import Head, open_text
from trainyard.data.values import parse_number

_SNIFFED_LINES = 200
# Lines can be up to 16 MiB long; 200 of those would use too much memory.
_SNIFFED_CHARACTERS = 1_000_000
# pandas writes the index of a table as a first column without a name.
UNNAMED_INDEX = "Unnamed: 0"
# Programs that add a mark to a file that has one write it twice: the second is part of the first name.
_BYTE_ORDER_MARK = "\ufeff"


def find_dialect(
    path: Path, preferred: str, head: Head | None = None, options: ReadOptions = DEFAULT
) -> tuple[Dialect, list[str]]:
    """Infer the dialect from the first lines of the file, and return it with the column names.

    Raises:
        InvalidDatasetError: the file is empty, or its header is invalid.
    """
    is_line = type(options.header) is int
    wanted = int(options.header or 1) if is_line else 1
    sample = _sample(path, head, wanted, options.encoding)
    if is_line:
        skipped, delimiter = wanted - 1, find_delimiter(sample, wanted - 1, preferred)
    else:
        skipped, delimiter = find_start(sample, preferred)
    notes = [_skipped_note(sample[:skipped])] if any(text.strip() for text in sample[:skipped]) else []
    names, line, first_line = _read_names(path, delimiter, skipped, head, options.encoding)
    header = options.header is not False
    below = [fields for fields in fields_of(sample[skipped:], delimiter) if fields][1:]
    if options.header is None:
        header = not (below and is_header_missing(names, below))
    if header:
        names, note = complete_names(names, below)
        notes += [note] if note else []
        names = _checked(names, delimiter, path, line, is_certain=options.header is not None)
    else:
        names, first_line = [f"column_{number}" for number in range(1, len(names) + 1)], line
        if options.header is None:
            notes.append(
                f"Line {line} contains values instead of column names, so that it counts as the first row. The columns "
                f"are named {names[0]} to {names[-1]}; add a header line to name them, or set the option header to "
                "true if this line is one."
            )
    with open_text(path, options.encoding) as (_, encoding):
        return Dialect(delimiter, first_line, encoding, header, tuple(notes), options.encoding), names


def _skipped_note(skipped: list[str]) -> str:
    first = next(text for text in skipped if text.strip()).strip()
    lines = "Line 1 is" if len(skipped) == 1 else f"Lines 1 to {len(skipped)} are"
    return f"{lines} not part of the table and left out ({first[:60]!r})."


def _sample(path: Path, head: Head | None, first: int, encoding: str | None) -> list[str]:
    """Return the first lines of the file: up to `first`, the one with the header, and some after it."""
    sample: list[str] = []
    characters = 0
    for number, text in islice(read_lines(path, head, encoding), first - 1 + _SNIFFED_LINES):
        sample.append(text)
        characters += len(text) if number >= first else 0
        if characters > _SNIFFED_CHARACTERS:
            break
    if not any(text.strip() for text in sample):
        raise InvalidDatasetError("the file is empty; expected a header line with the column names.", path=path)
    if not any(text.strip() for text in sample[first - 1 :]):
        found = "1 line" if len(sample) == 1 else f"{len(sample)} lines"
        raise InvalidDatasetError(
            f"the option header names line {first}, but the file has {found}. "
            "Set it to the line with the column names.",
            path=path,
            option="header",
        )
    return sample


def _read_names(
    path: Path, delimiter: str, skipped: int, head: Head | None, encoding: str | None
) -> tuple[list[str], int, int]:
    """Return the stripped cells of the first record, its line, and the line after it."""
    lines = ((number, text) for number, text in read_lines(path, head, encoding) if number > skipped)
    records = scan_records(lines, delimiter, path, head)
    line, after, names = next(records, (1, 2, []))
    if not names:
        raise InvalidDatasetError(
            "the header line does not end. Close the quotes around column names, or shorten the header.", path=path
        )
    return [name.replace(_BYTE_ORDER_MARK, "").strip() for name in names], line, after


def _checked(names: list[str], delimiter: str, path: Path, line: int, is_certain: bool) -> list[str]:
    """Return the column names: none is empty, none occurs twice, and they are not a row of data.

    Args:
        is_certain: whether they are names, even if they look like a row of data.

    Raises:
        InvalidDatasetError: a check failed.
    """
    if not names[0] and len(names) > 1:
        names[0] = UNNAMED_INDEX if UNNAMED_INDEX not in names else f"{UNNAMED_INDEX}.1"
    counts = Counter(names)
    duplicates = sorted(name for name, count in counts.items() if count > 1 and name)
    if not is_certain and _are_data(names, bool(duplicates)):
        raise InvalidDatasetError(
            f"the first line contains numbers ({delimiter.join(names[:60])[:60]}) instead of column names. "
            "Add a header line with a name for each column, or set the option header to false.",
            path=path,
            line=line,
            option="header",
        )
    for position, name in enumerate(names, start=1):
        if not name:
            raise InvalidDatasetError(
                f"the name of column {position} of {len(names)} is empty. "
                "Name the column, remove a delimiter at the end of the line, or set the option header to the line "
                "with the column names.",
                path=path,
                line=line,
                option="header",
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
