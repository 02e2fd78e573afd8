"""Choose how a model is evaluated: on a test part, or with a cross-validation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from trainyard.trainers.tabular.options import Options
from trainyard.trainers.tabular.split import ANY_ORDER, MIN_ROWS, Parts, RowOrder, Targets, split_parts

DEFAULT_FOLDS = 5
# With fewer rows, a test part says little: 40 rows, of which one changes the accuracy by 0.025.
FEW_ROWS = 200
# A class needs this many rows in the test part; otherwise the table is cross-validated, unless it is longer than this.
MIN_TEST_ROWS_OF_CLASS, MAX_ROWS_FOR_RARE_CLASSES = 5, 2000
_NAMED_CLASSES = 5


@dataclass(frozen=True)
class Plan:
    """The parts of the training, and how many `folds` evaluate it (0: the test part does, or the validation part).

    `notes` are sentences for users.
    """

    parts: Parts
    folds: int = 0
    notes: list[str] = field(default_factory=list)


def make_plan(targets: Targets, classes: Sequence[str], order: RowOrder, options: Options, seed: int) -> Plan:
    """Split the rows.

    Args:
        targets: class indices, shape (rows,), or numbers, shape (rows, targets).
        classes: labels of a classification; empty for a regression.
    """
    folds, reason = _folds(targets, options, order)
    test = 0.0 if folds else options.test_fraction
    parts = split_parts(targets, options.validation_fraction, test, seed, order)
    notes = [reason] if reason else []
    if not folds and not len(parts.test):
        notes.append(
            "No rows are kept for a test: the score is of the validation rows, which are also used to choose the "
            "epoch, so it is optimistic."
        )
    if classes:
        notes += _rare_classes(targets, classes)
    return Plan(parts, folds, notes)


def _folds(targets: Targets, options: Options, order: RowOrder) -> tuple[int, str | None]:
    rows = len(targets)
    if options.folds is not None:
        return _possible(options.folds, rows, order) if options.folds else 0, None
    if options.test_fraction == 0 or order.times is not None:
        return 0, None
    folds = _possible(DEFAULT_FOLDS, rows, order)
    if rows < FEW_ROWS:
        return folds, (
            f"{rows} rows are too few for a test part: a completed training is scored in a cross-validation with "
            f"{folds} parts, in which each row is predicted by a model that was not trained on it."
        )
    if targets.ndim == 1 and rows <= MAX_ROWS_FOR_RARE_CLASSES and order is ANY_ORDER:
        rarest = int(np.bincount(targets).min())
        if rarest * options.test_fraction < MIN_TEST_ROWS_OF_CLASS:
            return folds, (
                f"The rarest class has {_rows(rarest)}, too few for a test part: a completed training is scored in a "
                f"cross-validation with {folds} parts, in which each row is predicted by a model that was not "
                "trained on it."
            )
    return 0, None


def _possible(folds: int, rows: int, order: RowOrder) -> int:
    """Return the number of folds, changed so that each model has at least four rows, or two groups, to train on."""
    if order.groups is not None:
        groups = len(np.unique(order.groups))
        return min(max(folds, 3 if groups == 3 else 2), groups)
    return min(max(folds, 3 if rows < 8 else 2, 5 if rows == MIN_ROWS else 2), rows)


def _rare_classes(targets: Targets, classes: Sequence[str]) -> list[str]:
    counts = np.bincount(targets, minlength=len(classes))
    rare = [index for index in np.argsort(counts, kind="stable") if counts[index] < MIN_TEST_ROWS_OF_CLASS]
    if not rare:
        return []
    named = ", ".join(f"{classes[index][:40]!r} ({_rows(int(counts[index]))})" for index in rare[:_NAMED_CLASSES])
    more = f" and {len(rare) - _NAMED_CLASSES} more" if len(rare) > _NAMED_CLASSES else ""
    return [f"Too few rows to learn or to judge: class {named}{more}. Add rows of these classes, or merge classes."]


def _rows(count: int) -> str:
    return f"{count} row" if count == 1 else f"{count} rows"
