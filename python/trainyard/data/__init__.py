"""Read tables: CSV, TSV, JSON, JSONL and Parquet. Only their rows, and Parquet, need Polars.

`read_table` returns a whole table as a Polars frame, and `open_table` reads one in blocks. `describe` returns format,
columns and row count; `preview` returns the first rows and the inferred columns. `profile_table` collects statistics
for each column, and `load_columns` loads columns as compact arrays. Every error in a file is an `InvalidDatasetError`
with file, line and column.
"""

from trainyard.data.columns import MISSING_CODE, OTHER_CODE, CategoryColumn, Column, DateColumn, NumberColumn
from trainyard.data.describe import DatasetDescription, describe
from trainyard.data.errors import InvalidDatasetError
from trainyard.data.kinds import ColumnKind, kind_of
from trainyard.data.preview import ColumnPreview, DatasetPreview, preview
from trainyard.data.profile import Profile
from trainyard.data.read_table import Table, read_table
from trainyard.data.table import Features, choose_features, load_columns, profile_table
from trainyard.data.table_file import TableFile, open_table

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
    "InvalidDatasetError",
    "NumberColumn",
    "Profile",
    "Table",
    "TableFile",
    "choose_features",
    "describe",
    "kind_of",
    "load_columns",
    "open_table",
    "preview",
    "profile_table",
    "read_table",
]
