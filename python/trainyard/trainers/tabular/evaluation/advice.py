"""Describe the quality of a model and its likely problems, in sentences."""

from __future__ import annotations

import math
from dataclasses import dataclass

from trainyard.trainers.tabular.evaluation.evaluate import Measured

NAMES = {"r2": "R²", "accuracy": "accuracy", "balanced_accuracy": "balanced accuracy"}
PARTS = {"test": "Test", "validation": "Validation", "cross_validation": "Cross-validation"}
# Share of the way from the baseline to a perfect score.
HARDLY_BETTER, SUSPICIOUS = 0.05, 0.9995
_LOW = 0.5  # low enough to blame an unusual learning rate
_TELLS_APART = 0.65  # ROC AUC of a model that orders the rows far better than chance
# A column alone accounts for this share of the score: it may contain the target.
_LEAK_SHARE = 0.95


@dataclass(frozen=True)
class Course:
    """How a training went: the chosen epoch, its losses, and the validation loss of the last epoch."""

    learning_rate: float
    default_learning_rate: float
    best_epoch: int
    last_epoch: int
    training_loss: float
    best_val_loss: float
    last_val_loss: float
    balanced: bool  # whether all classes have the same weight in the loss


def headline(measured: Measured) -> str:
    """Return part, score and baseline, such as `Test R² 0.9634, baseline 0.0000`."""
    score, baseline = (round(value, 4) + 0.0 for value in (measured.score, measured.baseline_score))  # no -0.0000
    return f"{PARTS[measured.part]} {NAMES[measured.name]} {score:.4f}, baseline {baseline:.4f}"


def verdict(found: str, course: Course, epochs: int) -> str:
    """Return the score of the best epoch, and whether training stopped early, as sentences.

    Args:
        found: the `headline` of the score.
        epochs: the number of epochs that were asked for.
    """
    score = f"{found} (epoch {course.best_epoch})."
    if course.last_epoch == epochs:
        return score
    return f"{score} Stopped early: no improvement in {course.last_epoch - course.best_epoch} epochs."


def advise(measured: Measured, course: Course) -> list[str]:
    """Return warnings about a model that is hardly better than the baseline, or suspiciously good."""
    gained = _gained(measured)
    if math.isnan(gained):
        return [f"The {NAMES[measured.name]} is not defined: the {measured.rows} rows all have the same target value."]
    if gained < HARDLY_BETTER:
        baseline = measured.details["baseline_name"]
        better = "worse than" if gained < -HARDLY_BETTER else "hardly better than"
        remedy = _rare_class(measured, course) or _cause(course)
        return [f"The model is {better} always predicting the {baseline}. {remedy}"]
    if gained < _LOW and course.learning_rate > 10 * course.default_learning_rate:
        return [f"The score is low. {_cause(course)}"]
    column = leaking_column(measured)
    if column is None:
        return []
    return [
        f"The predictions are almost perfect, and nearly all of it comes from column {column!r}. "
        "If it is computed from the target, or known only later, remove it from the file."
    ]


def leaking_column(measured: Measured) -> str | None:
    """Return the column from which nearly all of an almost perfect score comes; None if there is none."""
    importance = measured.details.get("importance") or {}
    if not _gained(measured) > SUSPICIOUS or len(importance) < 2:
        return None
    column = max(importance, key=lambda name: importance[name])
    is_enough = importance[column] > _LEAK_SHARE * (measured.score - measured.baseline_score)
    return column if is_enough else None


def _gained(measured: Measured) -> float:
    """Return the share of the way from the baseline to a perfect score.

    The R² of a baseline is below 0 where the rows differ from the training rows. A model must still reach more than 0.
    """
    baseline = max(measured.baseline_score, 0.0)
    left = 1 - baseline
    return (measured.score - baseline) / left if left > 0 else 0.0


def _rare_class(measured: Measured, course: Course) -> str | None:
    """Return the remedy for a model that orders the rows well, but predicts only frequent classes; None otherwise."""
    roc_auc = measured.scores.get("roc_auc", 0.5)
    if measured.name != "balanced_accuracy" or course.balanced or roc_auc < _TELLS_APART:
        return None
    return (
        f"It tells the classes apart (ROC AUC {roc_auc:.2f}), but rarely predicts the rare ones. Start a job with the "
        'option class_weights set to "balanced".'
    )


def _cause(course: Course) -> str:
    """Return the most likely cause and a remedy as a sentence."""
    is_high = course.learning_rate > 3 * course.default_learning_rate
    rose = course.last_epoch > course.best_epoch and course.last_val_loss > 1.5 * course.best_val_loss
    if is_high or (rose and course.best_epoch <= 2):
        return (
            f"Likely cause: the learning rate of {course.learning_rate:g} is too high. "
            f"Start a job with {course.default_learning_rate:g}, the default, or less."
        )
    if course.learning_rate < course.default_learning_rate / 30 and course.best_epoch == course.last_epoch:
        return (
            f"Likely cause: the learning rate of {course.learning_rate:g} is too low, or the training too short: the "
            "loss was still falling. Increase one of them."
        )
    if course.training_loss < 0.5 * course.best_val_loss:
        return (
            "It overfits: it fits the training rows, but no others. Add rows, or remove columns that say nothing about "
            "the target."
        )
    return "The columns may say little about the target: check that the target is the right column, or add columns."
