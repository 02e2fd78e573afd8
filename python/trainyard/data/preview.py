"""Preview the first rows of a dataset and its inferred columns, in bounded time and memory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypedDict

from trainyard.data.read_options import DEFAULT, ReadOptions
from trainyard.data.shown import cut, shown_names
from trainyard.data.source import Head
from trainyard.data.table_file import open_table

if TYPE_CHECKING:
    import polars as pl

    from trainyard.data.columns import Inferred, Kind

# About 0.1 s for a typical table.
PROFILED_ROWS = 3 * 4096
PROFILED_BYTES = 8 * 1024 * 1024
# A quoted text can span lines. Without this limit, megabytes of one-character lines would take seconds.
PROFILED_LINES = 16 * PROFILED_ROWS
# Maximum number of characters in all cells together; more text reduces the number of rows.
MAX_CHARACTERS = 1_000_000
MAX_DISTINCT_NUMBERS = 50
# Texts that count as missing, for each column.
MAX_MISSING_TEXTS = 20


class MissingText(TypedDict):
    """A text that counts as missing, with the number of its cells; "" for empty cells."""

    text: str
    count: int


class TargetPreview(TypedDict):
    """How a trainer would predict a column.

    `baseline` is the prediction without a model: the mean of the numbers, or the most frequent class. `score` is its
    score on the rows that were read: RMSE, in the unit of the column, or accuracy.
    """

    task: Literal["regression", "classification"]
    baseline: str
    score: float


class ColumnPreview(TypedDict):
    """Inferred properties of a column.

    `gaps` is the number of missing values, and `missing` lists their texts. `distinct` is None for more than 50
    numbers. `minimum` and `maximum` are None unless the column is numeric. `note` gives the reason for an exclusion or
    describes what is unusual. `identifier`: the column numbers or names its rows, and is never the default target.
    `target` is None if the column cannot be predicted.
    """

    name: str
    kind: Kind
    gaps: int
    missing: list[MissingText]
    distinct: int | None
    minimum: float | None
    maximum: float | None
    note: str | None
    identifier: bool
    target: TargetPreview | None


class DatasetPreview(TypedDict):
    """First rows and inferred columns of a file.

    `notes` describe how the file was read, such as lines that are left out. `columns` contains the first of
    `column_count` columns (limits: see `shown_names`). Each row has one cell for each of them, None for a missing
    value. Kinds and counts are based on the first `rows_read` rows; `complete` is True if the table has no more.
    `default_target` is None if no column can be the target.
    """

    notes: list[str]
    columns: list[ColumnPreview]
    column_count: int
    rows: list[list[str | None]]
    rows_read: int
    complete: bool
    default_target: str | None


PreviewTargets = Callable[[dict[str, "Inferred"], Path], tuple[str | None, dict[str, TargetPreview]]]
"""Returns the default target, and the columns that can be predicted."""


def preview(
    path: Path | str,
    rows: int = 20,
    options: ReadOptions = DEFAULT,
    preview_targets: PreviewTargets = lambda _columns, _path: (None, {}),
) -> DatasetPreview:
    """Infer the columns from the first rows, with the rules of the training, and return up to `rows` rows.

    Args:
        options: how to read the file.
        preview_targets: the rules of a trainer; default: no column can be predicted.

    Raises:
        InvalidDatasetError: the format of these rows is invalid.
    """
    head = Head(PROFILED_BYTES, PROFILED_LINES)
    table = open_table(Path(path), head, options=options)
    names = shown_names(table.names)
    # Polars needs more memory than a header: only now.
    import polars as pl

    from trainyard.data.columns import infer_columns

    frames: list[pl.DataFrame] = []
    lines: list[int] = []
    complete = True
    for block in table.frames(columns=names):
        frames.append(block.frame)
        lines.extend(int(line) for line in block.lines[: max(0, PROFILED_ROWS - len(lines))])
        if sum(frame.height for frame in frames) > PROFILED_ROWS:
            complete = False
            break
    frame = pl.concat(frames).head(PROFILED_ROWS) if frames else pl.DataFrame(schema=dict.fromkeys(names, pl.String))
    found = infer_columns(frame, decimal_comma=table.decimal_comma, line_of=lines.__getitem__)
    default_target, targets = preview_targets(found, Path(path))
    first = {name: _texts(column, frame[name].head(rows)) for name, column in found.items()}
    return {
        "notes": [cut(note) for note in table.notes],
        "columns": [_column(column, targets.get(column.name)) for column in found.values()],
        "column_count": len(table.names),
        "rows": _bounded([list(row) for row in zip(*first.values())]),
        "rows_read": frame.height,
        "complete": complete and not head.cut,
        "default_target": default_target,
    }


def _column(column: Inferred, target: TargetPreview | None) -> ColumnPreview:
    numbers = column.numbers if column.kind.kind == "number" else None
    low, high = (None, None) if numbers is None else (numbers.min(), numbers.max())
    return {
        "name": column.name,
        "kind": column.kind.kind,
        "gaps": sum(column.missing.values()),
        "missing": [
            MissingText(text=cut(text), count=count) for text, count in list(column.missing.items())[:MAX_MISSING_TEXTS]
        ],
        "distinct": _distinct(column),
        "minimum": _finite(low),
        "maximum": _finite(high),
        "note": column.kind.note,
        "identifier": column.kind.is_identifier,
        "target": target,
    }


def _finite(bound: object) -> float | None:
    return float(bound) if isinstance(bound, (int, float)) and abs(bound) != float("inf") else None


def _distinct(column: Inferred) -> int | None:
    from trainyard.data.columns.spelling import group_spellings
    from trainyard.data.columns.texts import distinct_texts

    if column.numbers is not None:
        distinct = column.numbers.drop_nulls().n_unique()
        return distinct if distinct <= MAX_DISTINCT_NUMBERS else None
    if column.kind.kind == "category":
        return len(group_spellings(distinct_texts(column.cells.cast(str)), column.kind.exact)[0])
    return column.cells.drop_nulls().n_unique()


def _texts(column: Inferred, cells: pl.Series) -> list[str | None]:
    """Return the cells as texts, None for those that count as missing."""
    texts = cells.cast(str)
    return [None if text is None or text in column.missing else cut(text) for text in texts.to_list()]


def _bounded(rows: list[list[str | None]]) -> list[list[str | None]]:
    characters = 0
    for position, row in enumerate(rows):
        characters += sum(len(cell or "") for cell in row)
        if characters > MAX_CHARACTERS:
            return rows[: max(position, 1)]
    return rows
