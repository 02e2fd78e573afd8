"""Validation scores: R2 and accuracy."""

from __future__ import annotations

import torch
from torch import Tensor


def r2(predicted: Tensor, actual: Tensor) -> float:
    """Return the coefficient of determination, averaged over the targets. 1 is perfect; 0 equals predicting the mean.

    Same definition as `sklearn.metrics.r2_score` with default arguments, except that targets without variance in these
    rows are excluded. NaN if no target has variance.

    Shape:
        Both (rows, targets), in the same unit.
    """
    predicted, actual = predicted.double().cpu(), actual.double().cpu()
    residual = ((actual - predicted) ** 2).sum(dim=0)
    total = ((actual - actual.mean(dim=0)) ** 2).sum(dim=0)
    varies = total > 0
    return float((1 - residual[varies] / total[varies]).mean()) if varies.any() else torch.nan


def accuracy(logits: Tensor, classes: Tensor) -> float:
    """Return the fraction of rows whose class has the largest logit.

    Shape:
        `logits` (rows, classes), `classes` (rows,).
    """
    return float((logits.argmax(dim=1) == classes).float().mean())
