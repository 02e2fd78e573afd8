"""Scores of a classification, with the definitions of scikit-learn."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Classes = npt.NDArray[np.int64]


def classification_scores(actual: Classes, probabilities: Floats, predicted: Classes | None = None) -> dict[str, float]:
    """Return accuracy, balanced accuracy, macro F1, log loss and, where it is defined, ROC AUC.

    Args:
        actual: class indices, shape (rows,), at least one row.
        probabilities: shape (rows, classes), each row with the sum 1.
        predicted: class indices, shape (rows,). Default: the most likely classes.
    """
    if predicted is None:
        predicted = probabilities.argmax(axis=1)
    confusion = confusion_matrix(actual, predicted, probabilities.shape[1])
    scores = {
        "accuracy": float(np.trace(confusion) / len(actual)),
        "balanced_accuracy": balanced_accuracy(confusion),
        "macro_f1": macro_f1(confusion),
        "log_loss": log_loss(actual, probabilities),
    }
    area = roc_auc(actual, probabilities)
    return scores if area is None else {**scores, "roc_auc": area}


def confusion_matrix(actual: Classes, predicted: Classes, classes: int) -> Classes:
    """Return the number of rows for each pair of actual (first axis) and predicted class, shape (classes, classes)."""
    pairs = np.bincount(actual * classes + predicted, minlength=classes * classes)
    return pairs.reshape(classes, classes).astype(np.int64)


def balanced_accuracy(confusion: Classes) -> float:
    """Return the mean recall of the classes that occur (`sklearn.metrics.balanced_accuracy_score`)."""
    totals = confusion.sum(axis=1)
    occurs = totals > 0
    return float((np.diag(confusion)[occurs] / totals[occurs]).mean())


def macro_f1(confusion: Classes) -> float:
    """Return the mean F1 of the classes that occur or are predicted (`sklearn.metrics.f1_score`, average macro)."""
    sums = confusion.sum(axis=0) + confusion.sum(axis=1)
    occurs = sums > 0
    return float((2 * np.diag(confusion)[occurs] / sums[occurs]).mean())


def log_loss(actual: Classes, probabilities: Floats) -> float:
    """Return the mean negative log probability of the actual classes, in nats (`sklearn.metrics.log_loss`)."""
    smallest = np.finfo(np.float64).eps
    return float(-np.log(np.clip(probabilities[np.arange(len(actual)), actual], smallest, 1 - smallest)).mean())


def roc_auc(actual: Classes, probabilities: Floats) -> float | None:
    """Return the area under the ROC curve; of several classes, the mean of one against the rest.

    As `sklearn.metrics.roc_auc_score` with `multi_class="ovr"`, except that classes are left out that all rows or none
    belong to. None if no class is left.
    """
    classes = [1] if probabilities.shape[1] == 2 else range(probabilities.shape[1])
    areas = [_area(actual == each, probabilities[:, each]) for each in classes]
    defined = [area for area in areas if area is not None]
    return float(np.mean(defined)) if defined else None


def _area(positive: npt.NDArray[np.bool_], scores: Floats) -> float | None:
    """Return the probability that a positive row has a higher score than a negative one; ties count half."""
    positives = int(positive.sum())
    negatives = len(positive) - positives
    if not positives or not negatives:
        return None
    _, position, counts = np.unique(scores, return_inverse=True, return_counts=True)
    mean_rank = np.cumsum(counts) - (counts - 1) / 2
    return float((mean_rank[position][positive].sum() - positives * (positives + 1) / 2) / (positives * negatives))
