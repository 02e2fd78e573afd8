"""Predictions for rows with known targets, next to those of a baseline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from trainyard.trainers.tabular.evaluation.classification import (
    balanced_accuracy,
    classification_scores,
    confusion_matrix,
)
from trainyard.trainers.tabular.evaluation.regression import r2, regression_scores
from trainyard.trainers.tabular.load_table import LoadedTable
from trainyard.trainers.tabular.schema import ModelSchema
from trainyard.trainers.tabular.split import Indices

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Predictions:
    """Targets and predictions of the same rows.

    For a regression, all are in the units of the targets, shape (rows, targets). For a classification, `actual` and
    `baseline_classes` are class indices, shape (rows,), and the others probabilities, shape (rows, classes).
    `baseline_classes` is None for a regression.
    """

    actual: Array
    predicted: Floats
    baseline: Floats
    baseline_classes: Indices | None

    @classmethod
    def joined(cls, parts: Sequence[Predictions]) -> Predictions:
        """Return the predictions of several models for different rows as one."""
        classes = [part.baseline_classes for part in parts if part.baseline_classes is not None]
        return cls(
            np.concatenate([part.actual for part in parts]),
            np.concatenate([part.predicted for part in parts]),
            np.concatenate([part.baseline for part in parts]),
            np.concatenate(classes) if classes else None,
        )

    def scores(self, targets: Sequence[str]) -> dict[str, float]:
        """Return the scores of the predictions."""
        if self.baseline_classes is None:
            return regression_scores(self.actual, self.predicted, targets)
        return classification_scores(self.actual, self.predicted)

    def baseline_scores(self, targets: Sequence[str]) -> dict[str, float]:
        """Return the same scores of the baseline."""
        if self.baseline_classes is None:
            return regression_scores(self.actual, self.baseline, targets)
        return classification_scores(self.actual, self.baseline, self.baseline_classes)


def baseline_of(table: LoadedTable, training: Indices, rows: Indices) -> tuple[Floats, Indices | None]:
    """Return the predictions of a model without features: the mean, or class frequencies and the frequent class.

    Args:
        training: known rows that it is computed from.
        rows: known rows to predict.
    """
    values = table.values[training]
    if not table.classes:
        return np.tile(values.mean(axis=0), (len(rows), 1)), None
    counts = np.bincount(values, minlength=len(table.classes))
    return np.tile(counts / counts.sum(), (len(rows), 1)), np.full(len(rows), counts.argmax())


def decode(schema: ModelSchema, outputs: Tensor) -> Floats:
    """Convert outputs of the network to target units, or to probabilities."""
    if schema.task == "classification":
        probabilities: Floats = torch.softmax(outputs.double(), dim=1).cpu().numpy()
        return probabilities
    return schema.to_target_units(outputs.double().cpu().numpy())


def main_score(table: LoadedTable) -> str:
    """Return the name of the score that jobs are compared by.

    R2 for a regression. Accuracy for a classification, unless one class has so many rows that always predicting it is
    right in more than 80%; then balanced accuracy.
    """
    if not table.classes:
        return "r2"
    counts = np.bincount(table.values)
    return "balanced_accuracy" if counts.max() > 0.8 * counts.sum() else "accuracy"


def measure(score: str, actual: Array, predicted: Array) -> float:
    """Return a main score, by its name from `main_score`.

    Args:
        actual: class indices, shape (rows,), or numbers, shape (rows, targets).
        predicted: the same.
    """
    if score == "r2":
        return r2(actual, predicted)
    if score == "accuracy":
        return float((actual == predicted).mean())
    return balanced_accuracy(confusion_matrix(actual, predicted, int(max(actual.max(), predicted.max())) + 1))


def units_of(table: LoadedTable) -> dict[str, str]:
    """Return the unit of RMSE and MAE by their name, as the column of a target has it; empty for a classification."""
    units: dict[str, str] = {}
    for name, column in table.target.columns.items():
        unit = column.kind.notation.quantity
        if not table.classes and unit:
            suffix = "" if len(table.target.names) == 1 else f"/{name}"
            units |= {f"rmse{suffix}": unit, f"mae{suffix}": unit}
    return units
