"""Read a dataset: choose its target and its features, and load their columns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from trainyard.data import (
    CategoryColumn,
    Column,
    ColumnKind,
    InvalidDatasetError,
    NumberColumn,
    choose_features,
    infer_table,
    missing_note,
    read_table,
    to_column,
)
from trainyard.data.extra_rows import check_repeated_header, total_note
from trainyard.data.read_options import ReadOptions
from trainyard.trainers.tabular.column_options import check_columns, wanted_kinds
from trainyard.trainers.tabular.leak import find_leaks
from trainyard.trainers.tabular.options import Options
from trainyard.trainers.tabular.row_order import order_columns, order_of_rows
from trainyard.trainers.tabular.split import MIN_ROWS, Indices, RowOrder
from trainyard.trainers.tabular.target import Target, choose_target


@dataclass(frozen=True)
class LoadedTable:
    """The columns of a dataset and its target, before the rows are split.

    `columns` are the feature columns, with all `rows` of the file, and `kinds` says how each is read. `known` are the
    indices of the rows with a target, and `values` their targets: class indices, shape (known,), or numbers in the
    units of the targets, shape (known, targets). `order` has one value for each known row. `leaks` are the columns
    that nearly equal the target; `notes` are sentences for the log.
    """

    path: Path
    target: Target
    columns: list[Column]
    kinds: dict[str, ColumnKind]
    rows: int
    known: Indices
    values: npt.NDArray[Any]
    classes: list[str]
    order: RowOrder
    leaks: list[str]
    notes: list[str]


def load_table(path: Path, options: Options, while_reading: Callable[[], None] = lambda: None) -> LoadedTable:
    """Read a dataset: choose target and features, and load their columns.

    Raises:
        InvalidDatasetError: see `prepare`.
    """
    read = ReadOptions(options.encoding, options.header)
    table = read_table(path, while_reading=while_reading, options=read)
    total = table.frame.height
    if 0 < total < MIN_ROWS:
        raise InvalidDatasetError(_too_few(total, 0), path=path)
    check_repeated_header(table)
    check_columns(options.columns, table.frame.columns, path)
    inferred = infer_table(table, options.missing or (), wanted_kinds(options.columns))
    target = choose_target(inferred, options, path, table.line_of)
    ordering = order_columns(inferred, options, target.names, path)
    features = choose_features(inferred, [*target.names, *([options.group] if options.group else [])])
    used = {**ordering, **features.columns, **target.columns}
    columns = {name: to_column(column, path, table.line_of) for name, column in used.items()}

    known, classes = _known_targets([columns[name] for name in target.names])
    dropped = total - len(known)
    if len(known) < MIN_ROWS:
        raise InvalidDatasetError(_too_few(len(known), dropped), path=path)
    values = _target_values([columns[name] for name in target.names], known, classes)
    order, notes = order_of_rows(columns, options, known, path)
    kept = [columns[name] for name in features.columns]
    leaks = find_leaks(kept, known, values)
    kinds = {name: column.kind for name, column in features.columns.items()}
    missing, total_row = missing_note(used), total_note(table)
    notes = [
        *table.notes,
        *([total_row] if total_row else []),
        *target.notes,
        *features.notes,
        *([missing] if missing else []),
        *leaks.values(),
        *notes,
    ]
    return LoadedTable(path, target, kept, kinds, total, known, values, classes, order, list(leaks), notes)


def _too_few(rows: int, dropped: int) -> str:
    found = "1 row" if rows == 1 else f"{rows} rows"
    return (
        f"too few rows: {found} with a target value found; training and validation need at least {MIN_ROWS}. Add rows"
        + (f" ({dropped} rows have no target value)." if dropped else ".")
    )


def _known_targets(columns: list[Column]) -> tuple[Indices, list[str]]:
    """Return the indices of rows in which every target has a value, and the class labels (empty for a regression)."""
    known: npt.NDArray[np.bool_] | None = None
    for column in columns:
        if isinstance(column, CategoryColumn):
            has_value = column.codes >= 0
        else:
            assert isinstance(column, NumberColumn)
            has_value = ~np.isnan(column.values)
        known = has_value if known is None else known & has_value
    assert known is not None
    first = columns[0]
    labels = sorted(first.levels, key=_label_order) if isinstance(first, CategoryColumn) else []
    return np.flatnonzero(known), labels


def _label_order(label: str) -> tuple[float, str]:
    """Order whole numbers by value: 2 before 10."""
    return (float(label) if label.lstrip("-").isdecimal() else 0.0, label)


def _target_values(columns: list[Column], known: Indices, classes: list[str]) -> npt.NDArray[Any]:
    """Return class indices, shape (rows,), or numbers in the units of the targets, shape (rows, targets)."""
    first = columns[0]
    if isinstance(first, CategoryColumn):
        number = {label: position for position, label in enumerate(classes)}
        lookup = np.array([number[text] for text in first.levels], dtype=np.int64)
        return lookup[first.codes[known]]
    return np.stack([column.values[known] for column in columns if isinstance(column, NumberColumn)], axis=1)
