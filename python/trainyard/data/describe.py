"""What a data set is, without loading it."""

from __future__ import annotations

from pathlib import Path
from typing import TypedDict

from trainyard.data.table_file import TableFormat, open_table


class DatasetDescription(TypedDict):
    """`format` does not change with compression: `cars.csv.gz` is CSV. `rows` leaves the header out."""

    name: str
    format: TableFormat
    columns: list[str]
    rows: int


def describe(path: Path | str) -> DatasetDescription:
    """Read the file through in constant memory and say what it holds. Standard library only.

    Raises InvalidDatasetError, with the place, for a file that could not be trained on for its form alone; whether the
    columns make sense is left to the training.
    """
    path = Path(path)
    table = open_table(path)
    return {
        "name": path.name,
        "format": table.format,
        "columns": table.names,
        "rows": sum(1 for _ in table.rows()),
    }
