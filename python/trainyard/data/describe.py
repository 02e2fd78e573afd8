"""Describe a dataset without loading it into memory."""

from __future__ import annotations

from math import inf
from pathlib import Path
from typing import TypedDict

from trainyard.data.shown import shown_names
from trainyard.data.source import Head
from trainyard.data.table_file import TableFormat, open_table


class DatasetDescription(TypedDict):
    """Format, columns and row count of a file.

    `format` ignores compression: `cars.csv.gz` is CSV. `columns` contains the first of `column_count` names (limits:
    see `shown_names`). `rows` excludes the header, and is None if the file was not read to its end.
    """

    name: str
    format: TableFormat
    columns: list[str]
    column_count: int
    rows: int | None


def describe(path: Path | str, at_most: int | None = None, at_most_lines: int | None = None) -> DatasetDescription:
    """Read the file in constant memory and return its format, columns and row count.

    Args:
        at_most: maximum number of bytes of uncompressed text to read; default: the whole file.
        at_most_lines: maximum number of lines to read; has no effect without `at_most`.

    Raises:
        InvalidDatasetError: the format of the file is invalid. The columns are not checked for training.
    """
    path = Path(path)
    head = None if at_most is None else Head(at_most, inf if at_most_lines is None else at_most_lines)
    table = open_table(path, head)
    rows = table.count_rows()
    return {
        "name": path.name,
        "format": table.format,
        "columns": shown_names(table.names),
        "column_count": len(table.names),
        "rows": None if head is not None and head.cut else rows,
    }
