"""What a data set is, without loading it."""

from __future__ import annotations

from pathlib import Path
from typing import TypedDict

from trainyard.data.lines import Head
from trainyard.data.table_file import TableFormat, open_table


class DatasetDescription(TypedDict):
    """`format` does not change with compression: `cars.csv.gz` is CSV. `rows` leaves the header out.

    `rows` is None where the file was not read to its end.
    """

    name: str
    format: TableFormat
    columns: list[str]
    rows: int | None


def describe(path: Path | str, at_most: int | None = None) -> DatasetDescription:
    """Read the file through in constant memory and say what it holds. Standard library only.

    Args:
        at_most: bytes of text, unpacked, after which to stop; by default the whole file is read.

    Raises InvalidDatasetError, with the place, for a file that could not be trained on for its form alone; whether the
    columns make sense is left to the training.
    """
    path = Path(path)
    head = None if at_most is None else Head(at_most)
    table = open_table(path, head)
    rows = sum(1 for _ in table.rows())
    return {
        "name": path.name,
        "format": table.format,
        "columns": table.names,
        "rows": None if head is not None and head.cut else rows,
    }
