"""Read tables: CSV, TSV, JSON, JSONL and Parquet. Only their rows, and Parquet, need Polars.

`read_table` returns a whole table as a Polars frame, and `open_table` reads one in blocks. `describe` returns format,
columns and row count; `preview` returns the first rows and the inferred columns. `infer_table` infers the kind of each
column, and `to_column` loads one as an array. Every error in a file is an `InvalidDatasetError` with file, line and
column.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from trainyard.data.describe import DatasetDescription, describe
from trainyard.data.errors import InvalidDatasetError
from trainyard.data.read_table import Table, read_table
from trainyard.data.table_file import TableFile, open_table

if TYPE_CHECKING:
    from trainyard.data.columns import (
        MISSING_CODE,
        OTHER_CODE,
        CategoryColumn,
        Column,
        ColumnKind,
        DateColumn,
        Inferred,
        Kind,
        Notation,
        NumberColumn,
        TextColumn,
        infer_column,
        infer_columns,
        kind_from_json,
        read_column,
        to_column,
    )
    from trainyard.data.preview import ColumnPreview, DatasetPreview, preview
    from trainyard.data.table import Features, choose_features, infer_table, missing_note

__all__ = [
    "MISSING_CODE",
    "OTHER_CODE",
    "CategoryColumn",
    "Column",
    "ColumnKind",
    "ColumnPreview",
    "DatasetDescription",
    "DatasetPreview",
    "DateColumn",
    "Features",
    "Inferred",
    "InvalidDatasetError",
    "Kind",
    "Notation",
    "NumberColumn",
    "Table",
    "TableFile",
    "TextColumn",
    "choose_features",
    "describe",
    "infer_column",
    "infer_columns",
    "infer_table",
    "kind_from_json",
    "missing_note",
    "open_table",
    "preview",
    "read_column",
    "read_table",
    "to_column",
]


def __getattr__(name: str) -> Any:
    """Import modules that need Polars on first use: a description, and trainers of other data, work without it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name in ("ColumnPreview", "DatasetPreview", "preview"):
        module = "preview"
    else:
        module = "table" if name in ("Features", "choose_features", "infer_table", "missing_note") else "columns"
    value = getattr(import_module(f"trainyard.data.{module}"), name)
    globals()[name] = value  # `preview` is also the name of the module
    return value
