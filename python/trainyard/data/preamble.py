"""Find where the table starts: after `sep=;`, comments or title lines, and with or without a header."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from trainyard.data.dialect import fields_of, sniff_delimiter

_MAX_SKIPPED = 30
_SEPARATOR = re.compile(r'"?sep=([,;\t| :~^])"?', re.IGNORECASE)
_NUMBER = re.compile(r"[+\-\N{MINUS SIGN}]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?")
_DATE = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([T ].*)?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}")
_INTEGER = re.compile(r"\d+")
# Minimum share of the rows in which a label is frequent.
_LABEL_SHARE = 0.05
# With fewer lines, two that agree by chance would pass for a table.
_MIN_TABLE_LINES = 3


def find_start(lines: Sequence[str], preferred: str) -> tuple[int, str]:
    """Return the number of lines before the table and its delimiter, given the first lines of a file.

    Excel's `sep=;` is left out and applied. Comments that start with "#", and titles, are left out if the lines below
    agree on a delimiter, and the lines before do not. Without an agreement, nothing is left out.
    """
    first = next((position for position, text in enumerate(lines) if text.strip()), 0)
    declared = _SEPARATOR.fullmatch(lines[first].strip("\r\n\ufeff")) if lines else None
    if declared is not None:
        return first + 1, declared[1]
    delimiter = sniff_delimiter(lines, preferred)
    if not lines[first].lstrip().startswith("#") and _agreement(lines, delimiter) >= 0.5:
        return 0, delimiter
    for skip in range(first + 1, min(len(lines) - _MIN_TABLE_LINES, _MAX_SKIPPED) + 1):
        below = lines[skip:]
        if not below[0].strip() or below[0].lstrip().startswith("#"):
            continue
        found = sniff_delimiter(below, preferred)
        width = len(fields_of(below[:1], found)[0])
        if _agreement(below, found) < 0.9 and any(not line.startswith("#") for line in lines[first:skip]):
            continue
        above = [len(fields) for fields in fields_of(lines[first:skip], found) if fields]
        if width in above:
            return 0, delimiter  # "#id,name" is a header
        if _lacks_a_name(lines[skip - 1], below[0], found):
            return skip - 1, found
        return skip, found
    if _agreement(lines, delimiter) < 0.5 and _is_spaced(lines):
        return 0, " "
    return 0, delimiter


def find_delimiter(lines: Sequence[str], skip: int, preferred: str) -> str:
    """Return the delimiter of the table that starts after `skip` lines; Excel's `sep=;` before it applies."""
    for text in lines[:skip]:
        declared = _SEPARATOR.fullmatch(text.strip("\r\n\ufeff"))
        if declared is not None:
            return declared[1]
    table = lines[skip:]
    delimiter = sniff_delimiter(table, preferred)
    return " " if _agreement(table, delimiter) < 0.5 and _is_spaced(table) else delimiter


def is_header_missing(names: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first record is a row: each cell fits the column below it, and some could hardly be a name.

    A number fits numbers, and a text fits if it occurs again. Whole numbers, such as years, can be names, unless one
    occurs twice. A first record of texts only is a row if each of them is a frequent label of its column.
    """
    evidence = False
    for position, name in enumerate(names):
        below = [row[position].strip() for row in rows if len(row) == len(names) and row[position].strip()]
        if not name:
            continue
        form = next((form for form in (_DATE, _NUMBER) if form.fullmatch(name)), None)
        if form is None:
            if name not in below:
                return False
            evidence = True
        else:
            fitting = sum(form.fullmatch(cell) is not None for cell in below)
            if not below or fitting < 0.9 * len(below):
                return False
            evidence = evidence or not _INTEGER.fullmatch(name)
    if _are_labels(names, rows):
        return True
    numbers = Counter(name for name in names if name)
    return any(map(_looks_like_data, names)) and (evidence or max(numbers.values(), default=0) > 1)


def _are_labels(names: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether each of the names is a frequent label of its column, also without the rows that repeat the header."""
    others = [[cell.strip() for cell in row] for row in rows if len(row) == len(names)]
    others = [row for row in others if row != list(names)]
    if len(names) < 2 or not others or not all(names):
        return False
    columns = zip(names, zip(*others))
    return all(column.count(name) >= max(2, _LABEL_SHARE * len(column)) for name, column in columns)


def _looks_like_data(name: str) -> bool:
    return _NUMBER.fullmatch(name) is not None or _DATE.fullmatch(name) is not None


def _lacks_a_name(header: str, row: str, delimiter: str) -> bool:
    """Whether a line has names for all values of the row below it but one."""
    names, cells = fields_of([header], delimiter)[0], fields_of([row], delimiter)[0]
    are_names = len(set(names)) == len(names) >= 2 and not any(not name or _looks_like_data(name) for name in names)
    return are_names and len(cells) == len(names) + 1 and any(map(_looks_like_data, cells))


def _agreement(lines: Sequence[str], delimiter: str) -> float:
    """Return the share of lines with as many fields as the first one; 0 if it has one field."""
    records = [fields for fields in fields_of(lines, delimiter) if fields]
    width = len(records[0]) if records else 0
    return sum(len(fields) == width for fields in records) / len(records) if width > 1 else 0.0


def _is_spaced(lines: Sequence[str]) -> bool:
    """Whether all lines have the same number of values between spaces, some of them numbers. The first can lack one."""
    records = [text.split() for text in lines if text.strip()]
    if len(records) < _MIN_TABLE_LINES:
        return False
    widths = {len(record) for record in records[1:]}
    numbers = any(_NUMBER.fullmatch(cell) for record in records[1:] for cell in record)
    width = widths.pop()
    # R writes no name above its row names.
    return not widths and width > 1 and len(records[0]) in (width, width - 1) and numbers
