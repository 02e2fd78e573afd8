"""Evaluate the best model of a training: on its test part, or with a cross-validation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from trainyard.data import InvalidDatasetError
from trainyard.reporter.evaluation import MAX_CLASSES, MAX_PREDICTIONS, Part
from trainyard.reporter.reporter import StopTraining
from trainyard.spec import Spec
from trainyard.trainers.tabular.evaluation.classification import confusion_matrix
from trainyard.trainers.tabular.evaluation.fit import fit_with_validation
from trainyard.trainers.tabular.evaluation.importance import MAX_ROWS, Importance, important_columns
from trainyard.trainers.tabular.evaluation.predictions import Predictions, baseline_of, decode, main_score
from trainyard.trainers.tabular.learner import Learner
from trainyard.trainers.tabular.load_table import LoadedTable
from trainyard.trainers.tabular.options import Options
from trainyard.trainers.tabular.prepare import Prepared, encode_table
from trainyard.trainers.tabular.split import Indices, split_folds

# Of more rows, or rows times classes, some are evaluated: the memory must have a bound.
MAX_EVALUATED_ROWS, MAX_EVALUATED_OUTPUTS = 1_000_000, 20_000_000

Check = Callable[[], None]


@dataclass(frozen=True)
class Measured:
    """Scores of a model and of the baseline on `rows` rows, with the keywords of `Reporter.evaluation` for details."""

    part: Part
    rows: int
    name: str
    scores: dict[str, float]
    baseline: dict[str, float]
    details: dict[str, Any]

    @property
    def score(self) -> float:
        """The main score."""
        return self.scores[self.name]

    @property
    def baseline_score(self) -> float:
        """The main score of the baseline."""
        return self.baseline[self.name]


def evaluate_part(
    data: Prepared, learner: Learner, weights: Mapping[str, Tensor], seed: int, check: Check | None
) -> Measured:
    """Evaluate a model on the test part, or on the validation part if there is no test part.

    Args:
        check: called regularly while the permutation importance is measured; a stop ends only that. None: the
            importance is not measured.
    """
    part: Part = "test" if len(data.test) else "validation"
    rows = _some(data.test if len(data.test) else data.validation, data, seed)
    predictions = _predict(data, learner, weights, rows)
    importance: Importance | None = None
    if check is not None:
        columns = important_columns(learner, weights, data.schema, rows)
        importance = Importance(columns, main_score(data.table), seed, check)
        try:
            importance.add(learner, weights, data.schema, rows, predictions.actual, MAX_ROWS)
        except StopTraining:
            importance = None
    return _measured(data.table, predictions, part, importance, {}, seed)


def cross_validate(
    spec: Spec,
    options: Options,
    data: Prepared,
    trained: tuple[Learner, Mapping[str, Tensor]],
    check: Check,
    on_fold: Callable[[int], None],
) -> Measured:
    """Train a model for each fold of the plan, and evaluate all rows, each with the model that has not seen it.

    Args:
        trained: learner and weights of the training; they choose the columns whose importance is measured.
        check: called often; can raise to abort.
        on_fold: called before each fold with its number, from 1.
    """
    table, folds = data.table, data.plan.folds
    columns = important_columns(*trained, data.schema, data.training)
    importance = Importance(columns, main_score(table), spec.seed, check)
    found: list[Predictions] = []
    splits = split_folds(table.values, folds, options.validation_fraction, spec.seed, table.order)
    for number, parts in enumerate(splits, 1):
        check()
        on_fold(number)
        try:
            of_fold = encode_table(table, data.plan, parts, options)
        except InvalidDatasetError:  # nothing varies in the few training rows of this fold
            found.append(_constant(table, parts.training, parts.test))
            continue
        learner = Learner(spec, options, of_fold, trained[0].device)
        weights = fit_with_validation(spec, options, learner, check)
        if weights is None:
            found.append(_constant(table, parts.training, parts.test))
            continue
        predictions = _predict(of_fold, learner, weights, _some(parts.test, of_fold, spec.seed))
        found.append(predictions)
        importance.add(learner, weights, of_fold.schema, parts.test, predictions.actual, MAX_ROWS // folds)
    return _measured(table, Predictions.joined(found), "cross_validation", importance, {"folds": folds}, spec.seed)


def _predict(data: Prepared, learner: Learner, weights: Mapping[str, Tensor], rows: Indices) -> Predictions:
    outputs = learner.outputs(dict(weights), learner.inputs[torch.from_numpy(rows).to(learner.device)])
    baseline, classes = baseline_of(data.table, data.training, rows)
    return Predictions(data.table.values[rows], decode(data.schema, outputs), baseline, classes)


def _constant(table: LoadedTable, training: Indices, rows: Indices) -> Predictions:
    """Predict as the baseline does."""
    baseline, classes = baseline_of(table, training, rows)
    return Predictions(table.values[rows], baseline, baseline, classes)


def _some(rows: Indices, data: Prepared, seed: int) -> Indices:
    most = min(MAX_EVALUATED_ROWS, max(1, MAX_EVALUATED_OUTPUTS // data.schema.outputs))
    if len(rows) <= most:
        return rows
    return np.sort(np.random.default_rng(seed).choice(rows, most, replace=False))


def _measured(
    table: LoadedTable,
    predictions: Predictions,
    part: Part,
    importance: Importance | None,
    details: dict[str, Any],
    seed: int,
) -> Measured:
    targets = table.target.names
    if importance is not None:
        details["importance"] = importance.values()
    if table.classes:
        details["confusion"] = _confusion(table.classes, predictions)
    elif len(targets) == 1:
        rows = _sample(len(predictions.actual), seed)
        details["predictions"] = {
            "actual": predictions.actual[rows, 0].tolist(),
            "predicted": predictions.predicted[rows, 0].tolist(),
        }
    details["baseline_name"] = "most frequent class" if table.classes else "mean"
    return Measured(
        part,
        len(predictions.actual),
        main_score(table),
        predictions.scores(targets),
        predictions.baseline_scores(targets),
        details,
    )


def _sample(rows: int, seed: int) -> Indices:
    if rows <= MAX_PREDICTIONS:
        return np.arange(rows)
    return np.sort(np.random.default_rng(seed).choice(rows, MAX_PREDICTIONS, replace=False))


def _confusion(classes: list[str], predictions: Predictions) -> dict[str, Any]:
    """Return the confusion matrix. Of many classes, the rarest ones are counted together."""
    counts = confusion_matrix(predictions.actual, predictions.predicted.argmax(axis=1), len(classes))
    if len(classes) <= MAX_CLASSES:
        return {"labels": classes, "counts": counts.tolist()}
    frequent = np.sort(np.argsort(-counts.sum(axis=1), kind="stable")[: MAX_CLASSES - 1])
    place = np.full(len(classes), MAX_CLASSES - 1)
    place[frequent] = np.arange(MAX_CLASSES - 1)
    merged = np.zeros((MAX_CLASSES, MAX_CLASSES), dtype=np.int64)
    np.add.at(merged, (place[:, None], place[None, :]), counts)
    others = f"{len(classes) - MAX_CLASSES + 1} other classes"
    return {"labels": [*(classes[index] for index in frequent), others], "counts": merged.tolist()}
