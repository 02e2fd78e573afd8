"""How good predictions are, in numbers that people know."""

from __future__ import annotations

import torch
from torch import Tensor


def r2(predicted: Tensor, actual: Tensor) -> float:
    """Share of the targets' variance that is explained, averaged over the targets; 1 is perfect, 0 is the mean's.

    The coefficient of determination as scikit-learn's `r2_score` computes it by default; a target without variance in
    these rows is left out, and NaN is given when none has any.

    Shape:
        both (rows, targets); any unit, the same for both.
    """
    predicted, actual = predicted.double().cpu(), actual.double().cpu()
    residual = ((actual - predicted) ** 2).sum(dim=0)
    total = ((actual - actual.mean(dim=0)) ** 2).sum(dim=0)
    varies = total > 0
    return float((1 - residual[varies] / total[varies]).mean()) if varies.any() else torch.nan


def accuracy(logits: Tensor, classes: Tensor) -> float:
    """Share of the rows whose most probable class is theirs.

    Shape:
        (rows, classes) and (rows,).
    """
    return float((logits.argmax(dim=1) == classes).float().mean())
