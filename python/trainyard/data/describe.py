"""What a data set is, without loading it."""

from __future__ import annotations

from math import inf
from pathlib import Path
from typing import TypedDict

from trainyard.data.lines import Head
from trainyard.data.shown import shown_names
from trainyard.data.table_file import TableFormat, open_table


class DatasetDescription(TypedDict):
    """`format` does not change with compression: `cars.csv.gz` is CSV. `rows` leaves the header out.

    `columns` are the first names (see `shown_names`) of `column_count`. `rows` is None where the file was not read to
    its end.
    """

    name: str
    format: TableFormat
    columns: list[str]
    column_count: int
    rows: int | None


def describe(path: Path | str, at_most: int | None = None, at_most_lines: int | None = None) -> DatasetDescription:
    """Read the file through in constant memory and say what it holds. Standard library only.

    Args:
        at_most: bytes of text, unpacked, after which to stop; by default the whole file is read.
        at_most_lines: the same for lines; it has no effect without `at_most`.

    Raises InvalidDatasetError, with the place, for a file that could not be trained on for its form alone; whether the
    columns make sense is left to the training.
    """
    path = Path(path)
    head = None if at_most is None else Head(at_most, inf if at_most_lines is None else at_most_lines)
    table = open_table(path, head)
    rows = sum(1 for _ in table.rows(width=0))
    return {
        "name": path.name,
        "format": table.format,
        "columns": shown_names(table.names),
        "column_count": len(table.names),
        "rows": None if head is not None and head.cut else rows,
    }
