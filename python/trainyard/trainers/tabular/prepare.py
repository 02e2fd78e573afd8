"""Prepare a dataset for training: read it, choose columns, split rows, and encode inputs and targets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
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
    TextColumn,
    choose_features,
    infer_table,
    missing_note,
    read_table,
    to_column,
)
from trainyard.trainers.tabular.architecture import Architecture
from trainyard.trainers.tabular.base import Base, fit_base, has_extremes
from trainyard.trainers.tabular.column_options import check_columns, wanted_kinds
from trainyard.trainers.tabular.encoders import Encoder, encode_columns, fit_encoder, number_positions
from trainyard.trainers.tabular.evaluation.plan import Plan, make_plan
from trainyard.trainers.tabular.leak import leak_notes
from trainyard.trainers.tabular.options import Options
from trainyard.trainers.tabular.row_order import order_columns, order_of_rows
from trainyard.trainers.tabular.schema import ModelSchema
from trainyard.trainers.tabular.split import MIN_ROWS, Indices, Parts, RowOrder
from trainyard.trainers.tabular.target import Target, choose_target
from trainyard.trainers.tabular.text_encoder import TextEncoder

# Number of frequent texts of a category column that get an input each. Between these limits, the number is chosen so
# that the inputs of all category columns fit into _CATEGORY_BYTES.
_MAX_LEVELS, _MIN_LEVELS = 50, 8
_CATEGORY_BYTES = 1 << 30
# The same for the terms of all text columns.
_MAX_TERMS, _MIN_TERMS = 4000, 100
_TEXT_BYTES = 1 << 30
# With fewer training rows, hidden layers find patterns in noise.
_MAX_ROWS_LINEAR = 200
_DEFAULT_HIDDEN = [256, 256, 256]
# With fewer rows for each term of a text, the network is linear too. Its terms are sparse: Adam suits them, and the
# steps for wide tables do not.
_ROWS_PER_TERM = 4
# With more numeric inputs, they are not embedded: the network has inputs enough.
_MAX_EMBEDDED = 256


@dataclass(frozen=True)
class LoadedTable:
    """The columns of a dataset and its target, before the rows are split.

    `columns` are the feature columns, with all `rows` of the file, and `kinds` says how each is read. `known` are the
    indices of the rows with a target, and `values` their targets: class indices, shape (known,), or numbers in the
    units of the targets, shape (known, targets). `order` has one value for each known row. `notes` are sentences for
    the log.
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
    notes: list[str]


@dataclass(frozen=True)
class Prepared:
    """A dataset ready for training.

    Shapes: `inputs` (rows, schema.inputs) float32. `targets` (rows, targets) float32, standardized, for a regression;
    (rows,) int64, class indices, for a classification. `training`, `validation` and `test` are row indices. `summary`
    and `notes` are sentences for the log. `table` and `plan` are what it was made from.
    """

    schema: ModelSchema
    base: Base | None
    inputs: npt.NDArray[np.float32]
    targets: npt.NDArray[Any]
    training: Indices
    validation: Indices
    test: Indices
    table: LoadedTable
    plan: Plan
    notes: list[str] = field(default_factory=list)

    @property
    def summary(self) -> str:
        """Return task, features and rows as sentences."""
        known, dropped = len(self.table.known), self.table.rows - len(self.table.known)
        features = len(self.schema.encoders)
        parts = f"{len(self.training)} training, {len(self.validation)} validation"
        return (
            f"{self.table.target.reason} {features} feature{'s' if features > 1 else ''}, {known} rows"
            + (f" ({dropped} without target excluded)" if dropped else "")
            + f": {parts}{f', {len(self.test)} test' if len(self.test) else ''}."
        )


def prepare(path: Path, options: Options, seed: int, while_reading: Callable[[], None] = lambda: None) -> Prepared:
    """Read, split and encode a dataset. Encoders and scales are fitted on the training rows only.

    Args:
        while_reading: called before each block of rows; can raise to abort.

    Raises:
        InvalidDatasetError: the dataset cannot be used for training; the message gives place and correction.
    """
    table = load_table(path, options, while_reading)
    plan = make_plan(table.values, table.classes, table.order, options, seed)
    data = encode_table(table, plan, plan.parts, options)
    if plan.folds or options.refit:
        return data
    return replace(data, table=replace(table, columns=[]))  # not needed again, and as large as the inputs


def load_table(path: Path, options: Options, while_reading: Callable[[], None] = lambda: None) -> LoadedTable:
    """Read a dataset: choose target and features, and load their columns.

    Raises:
        InvalidDatasetError: see `prepare`.
    """
    table = read_table(path, while_reading=while_reading)
    total = table.frame.height
    if 0 < total < MIN_ROWS:
        raise InvalidDatasetError(_too_few(total, 0), path=path)
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
    kinds = {name: column.kind for name, column in features.columns.items()}
    missing = missing_note(used)
    notes = [
        *table.notes,
        *target.notes,
        *features.notes,
        *([missing] if missing else []),
        *leak_notes(kept, known, values),
        *notes,
    ]
    return LoadedTable(path, target, kept, kinds, total, known, values, classes, order, notes)


def encode_table(table: LoadedTable, plan: Plan, parts: Parts, options: Options) -> Prepared:
    """Encode a table for a training on these parts of its known rows.

    Raises:
        InvalidDatasetError: no column, or no target, varies in the training rows.
    """
    target, training = table.target, parts.training
    encoders, notes = _fit(table.columns, table.known[training])
    if not encoders:
        reasons = " ".join(table.notes + notes)
        raise InvalidDatasetError(
            f"no usable column to predict {', '.join(target.names)} from. {reasons}", path=table.path
        )
    inputs = encode_columns(encoders, {column.name: column for column in table.columns}, table.rows)
    if len(table.known) < table.rows:
        inputs = inputs[table.known]
        dropped = table.rows - len(table.known)
        notes.append(f"{dropped} of {table.rows} rows are excluded: they have no target value.")
    mean, std = _scale(table.values[training], target, table.path)
    values, base = table.values, None
    if target.task == "regression":
        values = ((values - np.array(mean)) / np.array(std)).astype(np.float32)
        base = fit_base(inputs[training], number_positions(encoders), values[training])
    schema = ModelSchema(
        task=target.task,
        targets=target.names,
        classes=table.classes,
        target_mean=mean,
        target_std=std,
        encoders=encoders,
        network=_architecture(options, encoders, table, inputs[training], base is not None),
        kinds={encoder.column: table.kinds[encoder.column] for encoder in encoders},
    )
    notes = [*table.notes, *notes, *plan.notes]
    return Prepared(schema, base, inputs, values, training, parts.validation, parts.test, table, plan, notes)


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


def _fit(columns: list[Column], training: Indices) -> tuple[list[Encoder], list[str]]:
    categories = sum(isinstance(column, CategoryColumn) for column in columns)
    affordable = _CATEGORY_BYTES // (4 * len(training) * max(1, categories))
    max_levels = int(np.clip(affordable, _MIN_LEVELS, _MAX_LEVELS))
    texts = sum(isinstance(column, TextColumn) for column in columns)
    max_terms = int(np.clip(_TEXT_BYTES // (4 * len(training) * max(1, texts)), _MIN_TERMS, _MAX_TERMS))
    encoders: list[Encoder] = []
    notes: list[str] = []
    for column in columns:
        encoder = fit_encoder(column, training, max_levels, max_terms)
        if encoder is None:
            notes.append(f"Column {column.name!r} is excluded: it does not vary in the training rows.")
        else:
            encoders.append(encoder)
    return encoders, notes


def _scale(values: npt.NDArray[Any], target: Target, path: Path) -> tuple[list[float], list[float]]:
    if target.task == "classification":
        if len(np.unique(values)) < 2:
            raise InvalidDatasetError(
                "all training rows belong to one class. Add at least two rows of another class.",
                path=path,
                column=target.names[0],
            )
        return [], []
    with np.errstate(over="ignore", invalid="ignore"):
        mean, std = values.mean(axis=0), values.std(axis=0)
    for name, spread, centre in zip(target.names, std, mean):
        if not (np.isfinite(spread) and np.isfinite(centre)):
            raise InvalidDatasetError(
                "the target values are too large. Use a larger unit, or their logarithm.",
                path=path,
                column=name,
            )
        if spread == 0:
            raise InvalidDatasetError(
                "the target has the same value in all training rows. Add rows with other values.",
                path=path,
                column=name,
            )
    return [float(value) for value in mean], [float(value) for value in std]


def _architecture(
    options: Options, encoders: list[Encoder], table: LoadedTable, training: npt.NDArray[np.float32], has_base: bool
) -> Architecture:
    numbers = number_positions(encoders)
    rows, width = training.shape
    terms = sum(encoder.width for encoder in encoders if isinstance(encoder, TextEncoder))
    is_wide = width - terms > rows
    is_linear = is_wide or width > rows or terms * _ROWS_PER_TERM > rows or rows <= _MAX_ROWS_LINEAR
    hidden = ([] if is_linear else _DEFAULT_HIDDEN) if options.hidden is None else options.hidden
    if not hidden and not has_extremes(training, numbers):
        numbers = []  # a linear model follows numbers exactly if they are not compressed
    return Architecture(
        inputs=width,
        outputs=len(table.classes or table.target.names),
        numbers=numbers,
        hidden=hidden,
        embeds_numbers=len(numbers) <= _MAX_EMBEDDED,
        activation="mish" if table.target.task == "regression" else "selu",
        is_wide=is_wide,
        has_base=has_base,
    )
