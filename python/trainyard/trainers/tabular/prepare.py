"""From a file to what the network is trained on: encoded inputs, targets, and the split."""

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
    InvalidDatasetError,
    NumberColumn,
    choose_features,
    load_columns,
    open_table,
    profile_table,
)
from trainyard.trainers.tabular.encoders import Encoder, encode_columns, fit_encoder
from trainyard.trainers.tabular.options import Options
from trainyard.trainers.tabular.schema import ModelSchema
from trainyard.trainers.tabular.split import MIN_ROWS, Indices, split_rows
from trainyard.trainers.tabular.target import Target, choose_target

# The most frequent texts of a category column that get an input of their own...
_MAX_LEVELS, _MIN_LEVELS = 50, 8
# ...as long as the inputs of all category columns together fit in this much memory.
_CATEGORY_BYTES = 1 << 30
# Up to so many training rows a network with hidden layers learns less than it invents.
_MAX_ROWS_LINEAR = 200
_DEFAULT_HIDDEN = [128, 64]


@dataclass(frozen=True)
class Prepared:
    """A data set ready for training.

    Shapes: `inputs` (rows, schema.inputs) float32; `targets` (rows, targets) float32 standardised for a regression,
    (rows,) int64 class numbers for a classification; `training` and `validation` index rows of both.
    `summary` and `notes` are sentences for people.
    """

    schema: ModelSchema
    inputs: npt.NDArray[np.float32]
    targets: npt.NDArray[Any]
    training: Indices
    validation: Indices
    summary: str
    notes: list[str]


def prepare(path: Path, options: Options, seed: int, while_reading: Callable[[], None] = lambda: None) -> Prepared:
    """Read, understand, split and encode a data set. Encoders and scales are fitted on the training rows alone.

    `while_reading` is called now and then, and may raise to cut the reading short.

    Raises:
        InvalidDatasetError: with the place, and what to do.
    """
    file = open_table(path)
    profiles = profile_table(file, while_reading)
    target = choose_target(profiles, options, path)
    features = choose_features(profiles, target.names)
    columns = load_columns(file, {**features.kinds, **target.kinds}, while_reading)
    total = next(iter(profiles.values())).rows

    known, classes = _known_targets([columns[name] for name in target.names], target)
    dropped = total - len(known)
    if len(known) < MIN_ROWS:
        raise InvalidDatasetError(
            f"{len(known)} rows with a target are too few to train and validate on; at least {MIN_ROWS} were expected"
            + (f" ({dropped} rows have no target)." if dropped else "."),
            path=path,
        )
    values = _target_values([columns[name] for name in target.names], known, classes)
    training, validation = split_rows(values, options.validation_fraction, seed)
    encoders, notes = _fit([columns[name] for name in features.kinds], known[training])
    if not encoders:
        reasons = " ".join(features.notes + notes)
        raise InvalidDatasetError(f"no column is left to predict {', '.join(target.names)} from. {reasons}", path=path)
    inputs = encode_columns(encoders, columns, total)
    if dropped:
        inputs = inputs[known]
        notes.append(f"{dropped} of {total} rows have no target and are left out.")
    mean, std = _scale(values[training], target, path)
    schema = ModelSchema(
        task=target.task,
        targets=target.names,
        classes=classes,
        target_mean=mean,
        target_std=std,
        encoders=encoders,
        hidden=_hidden(options, len(training)),
    )
    if target.task == "regression":
        values = ((values - np.array(mean)) / np.array(std)).astype(np.float32)
    rows = f"{len(known)} rows" + (f" ({dropped} without a target left out)" if dropped else "")
    inputs_from = f"{len(encoders)} column" + ("s" if len(encoders) > 1 else "")
    summary = f"{target.why} {inputs_from}, {rows}: {len(training)} to train, {len(validation)} to validate."
    return Prepared(schema, inputs, values, training, validation, summary, features.notes + notes)


def _known_targets(columns: list[Column], target: Target) -> tuple[Indices, list[str]]:
    """The rows in which every target has a value, and the class labels (none for a regression)."""
    known: npt.NDArray[np.bool_] | None = None
    for column in columns:
        if isinstance(column, CategoryColumn):
            has_value = np.frombuffer(column.codes, dtype=np.int32) >= 0
        else:
            has_value = ~np.isnan(np.frombuffer(column.values, dtype=np.float64))
        known = has_value if known is None else known & has_value
    assert known is not None
    labels: list[str] = []
    if target.task == "classification":
        column = columns[0]
        if isinstance(column, CategoryColumn):
            labels = sorted(column.levels)
        else:
            labels = [str(int(value)) for value in np.unique(np.frombuffer(column.values, dtype=np.float64)[known])]
    return np.flatnonzero(known), labels


def _target_values(columns: list[Column], known: Indices, classes: list[str]) -> npt.NDArray[Any]:
    """Class numbers, shape (rows,), or numbers in the units of the targets, shape (rows, targets)."""
    first = columns[0]
    if not classes:
        arrays = [np.frombuffer(c.values, dtype=np.float64)[known] for c in columns if isinstance(c, NumberColumn)]
        return np.stack(arrays, axis=1)
    if isinstance(first, CategoryColumn):
        number = {label: position for position, label in enumerate(classes)}
        lookup = np.array([number[text] for text in first.levels], dtype=np.int64)
        return lookup[np.frombuffer(first.codes, dtype=np.int32)[known]]
    values = np.frombuffer(first.values, dtype=np.float64)[known]
    return np.unique(values, return_inverse=True)[1].astype(np.int64)


def _fit(columns: list[Column], training: Indices) -> tuple[list[Encoder], list[str]]:
    categories = sum(isinstance(column, CategoryColumn) for column in columns)
    affordable = _CATEGORY_BYTES // (4 * len(training) * max(1, categories))
    max_levels = int(np.clip(affordable, _MIN_LEVELS, _MAX_LEVELS))
    encoders: list[Encoder] = []
    notes: list[str] = []
    for column in columns:
        encoder = fit_encoder(column, training, max_levels)
        if encoder is None:
            notes.append(f"Column {column.name!r} is left out: in the training rows it tells nothing.")
        else:
            encoders.append(encoder)
    return encoders, notes


def _scale(values: npt.NDArray[Any], target: Target, path: Path) -> tuple[list[float], list[float]]:
    if target.task == "classification":
        if len(np.unique(values)) < 2:
            raise InvalidDatasetError(
                "all training rows are of one class; at least two rows of another class were expected.",
                path=path,
                column=target.names[0],
            )
        return [], []
    with np.errstate(over="ignore", invalid="ignore"):
        mean, std = values.mean(axis=0), values.std(axis=0)
    for name, spread, centre in zip(target.names, std, mean):
        if not (np.isfinite(spread) and np.isfinite(centre)):
            raise InvalidDatasetError(
                "the target's numbers are too large to compute with; use a larger unit, or their logarithm.",
                path=path,
                column=name,
            )
        if spread == 0:
            raise InvalidDatasetError(
                "the target is the same in all training rows, so there is nothing to learn; more rows with other "
                "values were expected.",
                path=path,
                column=name,
            )
    return [float(value) for value in mean], [float(value) for value in std]


def _hidden(options: Options, rows: int) -> list[int]:
    if options.hidden is not None:
        return options.hidden
    return _DEFAULT_HIDDEN if rows > _MAX_ROWS_LINEAR else []
