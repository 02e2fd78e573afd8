"""Prepare a dataset for training: read it, choose columns, split rows, and encode inputs and targets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from trainyard.data import CategoryColumn, Column, InvalidDatasetError, TextColumn
from trainyard.trainers.tabular.base import Base, fit_base
from trainyard.trainers.tabular.choose_architecture import choose_architecture
from trainyard.trainers.tabular.encoders import Encoder, encode_columns, fit_encoder, number_positions
from trainyard.trainers.tabular.evaluation.plan import Plan, make_plan
from trainyard.trainers.tabular.load_table import LoadedTable, load_table
from trainyard.trainers.tabular.options import Options
from trainyard.trainers.tabular.schema import ModelSchema
from trainyard.trainers.tabular.split import Indices, Parts
from trainyard.trainers.tabular.target import Target

# Number of frequent texts of a category column that get an input each. Between these limits, the number is chosen so
# that the inputs of all category columns fit into _CATEGORY_BYTES.
_MAX_LEVELS, _MIN_LEVELS = 50, 8
_CATEGORY_BYTES = 1 << 30
# The same for the terms of all text columns.
_MAX_TERMS, _MIN_TERMS = 4000, 100
_TEXT_BYTES = 1 << 30


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
        network=choose_architecture(options, encoders, table, inputs[training], base is not None),
        kinds={encoder.column: table.kinds[encoder.column] for encoder in encoders},
    )
    notes = [*table.notes, *notes, *plan.notes]
    return Prepared(schema, base, inputs, values, training, parts.validation, parts.test, table, plan, notes)


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
