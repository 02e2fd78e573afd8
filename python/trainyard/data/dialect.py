"""Which character separates the fields of a delimited file."""

from __future__ import annotations

import csv
from collections.abc import Sequence

DELIMITERS = (",", ";", "\t", "|")


def sniff_delimiter(lines: Sequence[str], preferred: str = ",") -> str:
    """The delimiter with which most of `lines` (the header first) have as many fields as the header.

    Each candidate is tried with a real parser, so that a delimiter inside quotes does not count. Among equals the one
    that makes more fields wins, then `preferred`. A file with a single column has no delimiter: `preferred`.
    """

    def score(delimiter: str) -> tuple[float, int, bool]:
        records: list[list[str]] = []
        try:
            records.extend(csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True))
        except csv.Error:
            # Wrong quotes, or a sample cut within a quoted field: it counts as one record that differs.
            records.append([""])
        records = [fields for fields in records if fields]
        width = len(records[0]) if records else 0
        if width < 2:
            return (0.0, 0, delimiter == preferred)
        agreeing = sum(len(fields) == width for fields in records) / len(records)
        # Rounded, so that one odd row does not decide between two delimiters that both stand in the header.
        return (round(agreeing, 1), width, delimiter == preferred)

    return max(DELIMITERS, key=score)
