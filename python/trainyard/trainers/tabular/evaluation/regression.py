"""Scores of a regression, with the definitions of scikit-learn."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def regression_scores(actual: Floats, predicted: Floats, targets: Sequence[str]) -> dict[str, float]:
    """Return R2, and RMSE and MAE in the units of the targets.

    Of several targets, R2 is the mean, and RMSE and MAE have a name for each: `rmse/<target>`.

    Args:
        actual: shape (rows, targets), at least one row.
        predicted: the same shape.
        targets: their names.
    """
    scale = _scale(actual)
    error = (actual - predicted) / scale
    rmse = scale * np.sqrt((error**2).mean(axis=0))
    mae = scale * np.abs(error).mean(axis=0)
    scores = {"r2": r2(actual, predicted)}
    if len(targets) == 1:
        return {**scores, "rmse": float(rmse[0]), "mae": float(mae[0])}
    for name, its_rmse, its_mae in zip(targets, rmse, mae):
        scores |= {f"rmse/{name}": float(its_rmse), f"mae/{name}": float(its_mae)}
    return scores


def r2(actual: Floats, predicted: Floats) -> float:
    """Return the coefficient of determination, averaged over the targets that vary; NaN if none does.

    1 is perfect; predicting the mean of these rows gives 0.
    """
    varies = actual.max(axis=0) > actual.min(axis=0)
    if not varies.any():
        return float("nan")
    scale = _scale(actual)
    actual, predicted = (actual / scale)[:, varies], (predicted / scale)[:, varies]
    residual = ((actual - predicted) ** 2).sum(axis=0)
    total = ((actual - actual.mean(axis=0)) ** 2).sum(axis=0)
    return float((1 - residual / total).mean())


def _scale(values: Floats) -> Floats:
    """Return the largest absolute value of each target, so that squares of large values do not overflow."""
    scale: Floats = np.abs(values).max(axis=0)
    return np.where(scale > 0, scale, 1.0)
