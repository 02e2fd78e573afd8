"""Infer the delimiter of a delimited text file."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass

from trainyard.data.lines import MAX_LINE_BYTES

DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True)
class Dialect:
    """How a delimited text file is written, as found in its first lines.

    `first_line` is the line number of the first row: the one after the header. `encoding` is "UTF-8", "UTF-16" or the
    value of `encoding_option`, the option `encoding` of the training. `notes` are sentences about lines that are left
    out, and about a missing header.
    """

    delimiter: str
    first_line: int
    encoding: str = "UTF-8"
    header: bool = True
    notes: tuple[str, ...] = ()
    encoding_option: str | None = None

    @property
    def decimal_comma(self) -> bool:
        """Whether "1,5" is 1.5: only with the delimiter ";", which spreadsheets use with decimal commas."""
        return self.delimiter == ";"


def fields_of(lines: Sequence[str], delimiter: str) -> list[list[str]]:
    """Return the fields of each record in the first lines of a file; an empty list for a blank line."""
    records: list[list[str]] = []
    csv.field_size_limit(MAX_LINE_BYTES)
    try:
        records.extend(csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True))
    except csv.Error:
        # Invalid quotes, or a sample that ends inside a quoted field: count it as one record that differs.
        records.append([""])
    return records


def sniff_delimiter(lines: Sequence[str], preferred: str = ",") -> str:
    """Return the delimiter for which most of `lines` (header first) have as many fields as the header.

    Each candidate is tested with the csv parser, so that delimiters inside quotes are ignored. Ties go to the delimiter
    with more fields, then to `preferred`. For a single column, the result is `preferred`.
    """

    def score(delimiter: str) -> tuple[float, int, bool]:
        records = [fields for fields in fields_of(lines, delimiter) if fields]
        width = len(records[0]) if records else 0
        if width < 2:
            return (0.0, 0, delimiter == preferred)
        agreeing = sum(len(fields) == width for fields in records) / len(records)
        # Rounded, so that a single invalid row does not decide between two delimiters that both occur in the header.
        return (round(agreeing, 1), width, delimiter == preferred)

    return max(DELIMITERS, key=score)
