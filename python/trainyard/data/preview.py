"""Preview the first rows of a dataset and its inferred columns, in bounded time and memory."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite, isnan
from pathlib import Path
from typing import TypedDict

from trainyard.data.kinds import ColumnKind, Kind, kind_of
from trainyard.data.profile import MAX_DISTINCT_NUMBERS, Profile, numbers_of
from trainyard.data.shown import cut, shown_names
from trainyard.data.source import Head
from trainyard.data.table_file import open_table
from trainyard.data.values import is_gap, is_missing, parse_number

# Three blocks of `TableFile.blocks`: about 0.1 s for a typical table.
PROFILED_ROWS = 3 * 4096
PROFILED_BYTES = 8 * 1024 * 1024
# A quoted text can span lines. Without this limit, megabytes of one-character lines would take seconds.
PROFILED_LINES = 16 * PROFILED_ROWS
# Maximum number of characters in all cells together; more text reduces the number of rows.
MAX_CHARACTERS = 1_000_000


class ColumnPreview(TypedDict):
    """Inferred properties of a column.

    `gaps` is the number of missing values. `distinct` is None for more than 50 numbers or 50,000 texts. `minimum` and
    `maximum` are None unless the column is numeric. `note` gives the reason for an exclusion or describes ignored
    values.
    """

    name: str
    kind: Kind
    gaps: int
    distinct: int | None
    minimum: float | None
    maximum: float | None
    note: str | None


class DatasetPreview(TypedDict):
    """First rows and inferred columns of a file.

    `columns` contains the first of `column_count` columns (limits: see `shown_names`). Each row has one cell for each
    of them, None for a missing value. Kinds and counts are based on the first `rows_read` rows; `complete` is True if
    the table has no more.
    """

    columns: list[ColumnPreview]
    column_count: int
    rows: list[list[str | None]]
    rows_read: int
    complete: bool


def preview(path: Path | str, rows: int = 20) -> DatasetPreview:
    """Infer the columns from the first rows, with the rules of the training, and return up to `rows` rows.

    Raises:
        InvalidDatasetError: the format of these rows is invalid.
    """
    head = Head(PROFILED_BYTES, PROFILED_LINES)
    table = open_table(Path(path), head)
    names = shown_names(table.names)
    profiles = [Profile(name) for name in names]
    ranges = [_Range() for _ in names]
    first: list[tuple[str, ...]] = []
    complete = True
    for lines, columns in table.blocks(width=len(names)):
        # Reads one block more than it uses, to find out whether the table ends here.
        if profiles[0].rows >= PROFILED_ROWS:
            complete = False
            break
        for profile, numbers, cells in zip(profiles, ranges, columns):
            profile.add(lines, cells, table.decimal_comma)
            numbers.add(cells, table.decimal_comma)
        if len(first) < rows:
            first.extend(zip(*(cells[: rows - len(first)] for cells in columns)))
    kinds = [kind_of(profile) for profile in profiles]
    return {
        "columns": [_column(*each) for each in zip(profiles, kinds, ranges)],
        "column_count": len(table.names),
        "rows": _bounded([[_text(cell, kind) for cell, kind in zip(row, kinds)] for row in first]),
        "rows_read": profiles[0].rows,
        "complete": complete and not head.cut,
    }


class _Range:
    def __init__(self) -> None:
        self.bounds: tuple[float, float] | None = None

    def add(self, cells: Sequence[str], decimal_comma: bool) -> None:
        values: Sequence[float] | None = numbers_of(cells)
        if values is None:
            parsed = (parse_number(cell, decimal_comma) for cell in set(cells))
            values = [number for number in parsed if number is not None and isfinite(number)]
        if values:
            low, high = self.bounds or (values[0], values[0])
            self.bounds = min(low, min(values)), max(high, max(values))


def _column(profile: Profile, kind: ColumnKind, numbers: _Range) -> ColumnPreview:
    low, high = numbers.bounds if numbers.bounds is not None and kind.kind == "number" else (None, None)
    return {
        "name": profile.name,
        "kind": kind.kind,
        "gaps": profile.missing + (profile.gaps if _dashes_are_gaps(kind) else 0),
        "distinct": _distinct(profile, kind),
        "minimum": low,
        "maximum": high,
        "note": kind.note,
    }


def _distinct(profile: Profile, kind: ColumnKind) -> int | None:
    texts = 0 if kind.kind == "number" else len(profile.levels)
    if profile.levels_overflow or len(profile.distinct_numbers) > MAX_DISTINCT_NUMBERS:
        return None
    return texts + len(profile.distinct_numbers)


def _dashes_are_gaps(kind: ColumnKind) -> bool:
    return kind.kind in ("number", "date")


def _text(cell: str, kind: ColumnKind) -> str | None:
    number = parse_number(cell)
    if is_missing(cell) or (number is not None and isnan(number)) or (_dashes_are_gaps(kind) and is_gap(cell)):
        return None
    return cut(cell)


def _bounded(rows: list[list[str | None]]) -> list[list[str | None]]:
    characters = 0
    for position, row in enumerate(rows):
        characters += sum(len(cell or "") for cell in row)
        if characters > MAX_CHARACTERS:
            return rows[: max(position, 1)]
    return rows
