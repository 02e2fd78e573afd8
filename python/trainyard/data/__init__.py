"""Reading and understanding tables (CSV, TSV, JSONL, also gzip), with the standard library alone.

`describe` says what a file holds, `preview` shows how it begins. `open_table` gives its rows, `profile_table` what its
columns are, and `load_columns` keeps them as compact arrays. Every fault of a file is an `InvalidDatasetError` with its
place.
"""

from trainyard.data.columns import MISSING_CODE, OTHER_CODE, CategoryColumn, Column, DateColumn, NumberColumn
from trainyard.data.describe import DatasetDescription, describe
from trainyard.data.errors import InvalidDatasetError
from trainyard.data.kinds import ColumnKind, kind_of
from trainyard.data.preview import ColumnPreview, DatasetPreview, preview
from trainyard.data.profile import Profile
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
    "TableFile",
    "choose_features",
    "describe",
    "kind_of",
    "load_columns",
    "open_table",
    "preview",
    "profile_table",
]
