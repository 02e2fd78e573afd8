"""Linear function that is fitted before the training, for amounts with extreme values, such as money.

The network compresses extreme values, so it cannot tell 1,000 from 100,000. A ridge regression on the uncompressed
values can, and the network then learns the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.floating]

# Numbers are compressed smoothly to this many robust units, so that extreme values do not dominate.
CLIP = 3.0
# A value is extreme if it is this many robust units from the median.
EXTREME = 8.0
# The base must leave at most this share of the error of a ridge regression on compressed values.
_WORTH = 0.9
_MAX_INPUTS = 1000
_MAX_ROWS = 20_000
_PENALTIES = 10.0 ** np.arange(-4, 5)


@dataclass(frozen=True)
class Base:
    """Weight, shape (targets, inputs), and bias, shape (targets,)."""

    weight: npt.NDArray[np.float32]
    bias: npt.NDArray[np.float32]


def compress(numbers: Matrix) -> Matrix:
    """Return the numbers as the network compresses them: smoothly, to less than `CLIP` robust units."""
    compressed: Matrix = numbers / np.sqrt(1 + (numbers / CLIP) ** 2)
    return compressed


def has_extremes(inputs: Matrix, numbers: Sequence[int]) -> bool:
    """Whether a value at these positions is extreme."""
    return len(numbers) > 0 and bool(np.abs(inputs[:, numbers]).max() >= EXTREME)


def fit_base(inputs: Matrix, numbers: Sequence[int], targets: Matrix) -> Base | None:
    """Fit outputs = weight @ inputs + bias; None if no number is extreme, or the base would not be worth it.

    Args:
        inputs: network inputs of the training rows, in random order.
        numbers: positions of the numbers.
        targets: standardized targets, shape (rows, targets).
    """
    rows, width = inputs.shape
    if width > _MAX_INPUTS or 2 * width > rows or not has_extremes(inputs, numbers):
        return None
    inputs, targets = inputs[:_MAX_ROWS].astype(np.float64), targets[:_MAX_ROWS]
    weight, bias, error = _ridge(inputs, targets)
    inputs[:, numbers] = compress(inputs[:, numbers])
    if error > _WORTH * _ridge(inputs, targets)[2]:
        return None
    return Base(weight.astype(np.float32), bias.astype(np.float32))


def _ridge(x: Matrix, y: Matrix) -> tuple[Matrix, Matrix, float]:
    """Return weight, bias and error of the best penalty: each row is predicted from the others."""
    mean, spread = x.mean(axis=0), x.std(axis=0)
    spread[spread == 0] = 1.0
    x, centre = (x - mean) / spread, y.mean(axis=0)
    y = y - centre
    values, vectors = np.linalg.eigh(x.T @ x)
    rotated = x @ vectors
    projected = rotated.T @ y
    best: tuple[float, Matrix] | None = None
    for penalty in _PENALTIES:
        shrunk = 1 / (np.maximum(values, 0) + penalty)
        leverage = np.einsum("nk,k,nk->n", rotated, shrunk, rotated) + 1 / len(x)
        left_out = (y - rotated @ (shrunk[:, None] * projected)) / np.maximum(1 - leverage, 1e-6)[:, None]
        error = float((left_out**2).mean())
        if best is None or error < best[0]:
            best = error, vectors @ (shrunk[:, None] * projected)
    assert best is not None
    weight = (best[1] / spread[:, None]).T
    return weight, centre - weight @ mean, best[0]
