"""Make the columns of a table learnable: infer the kinds of their cells, and load them as arrays."""

from trainyard.data.columns.column import (
    MISSING_CODE,
    OTHER_CODE,
    CategoryColumn,
    Column,
    DateColumn,
    NumberColumn,
    TextColumn,
    read_column,
    to_column,
)
from trainyard.data.columns.infer import infer_column, infer_columns
from trainyard.data.columns.inferred import Inferred
from trainyard.data.columns.kind import ColumnKind, Kind, kind_from_json
from trainyard.data.columns.notation import Notation

__all__ = [
    "MISSING_CODE",
    "OTHER_CODE",
    "CategoryColumn",
    "Column",
    "ColumnKind",
    "DateColumn",
    "Inferred",
    "Kind",
    "Notation",
    "NumberColumn",
    "TextColumn",
    "infer_column",
    "infer_columns",
    "kind_from_json",
    "read_column",
    "to_column",
]
