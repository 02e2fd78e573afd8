"""Find columns that nearly equal the target, and would not be known when the model is used."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from trainyard.data import CategoryColumn, Column, NumberColumn

# Correlation of a column with the target from which on it is reported.
MIN_CORRELATION = 0.999
_MAX_REPORTED = 5
# Rows that show whether a column has more values than there are classes.
_PROBED = 10_000
# Correlations of fewer rows say nothing.
_MIN_ROWS = 20

Floats = npt.NDArray[np.float64]


def find_leaks(
    columns: Iterable[Column], rows: npt.NDArray[np.int64], targets: npt.NDArray[np.generic]
) -> dict[str, str]:
    """Return a warning, with the correlation, by the name of each column that nearly equals the target.

    Args:
        rows: the rows with a target, as indices of the columns.
        targets: class indices, shape (rows,), or numbers, shape (rows, targets).
    """
    if len(rows) < _MIN_ROWS:
        return {}
    found: dict[str, str] = {}
    for column in columns:
        correlation = _correlation(column, rows, targets)
        if correlation >= MIN_CORRELATION:
            found[column.name] = (
                f"Warning: column {column.name!r} nearly equals the target (correlation {correlation:.4f}). "
                "If it is not known when you predict, leave it out with the option columns: "
                f'{{"{column.name}": "IGNORE"}}.'
            )
            if len(found) == _MAX_REPORTED:
                break
    return found


def _correlation(column: Column, rows: npt.NDArray[np.int64], targets: npt.NDArray[np.generic]) -> float:
    if isinstance(column, NumberColumn):
        values = column.values[rows]
        numbers = targets[:, None] if targets.ndim == 1 else targets
        if targets.ndim == 1 and targets.max() > 1:  # more than two classes have no order
            return _association(values, targets)
        return max(_pearson(values, numbers[:, place].astype(np.float64)) for place in range(numbers.shape[1]))
    if isinstance(column, CategoryColumn) and targets.ndim == 1:
        return _association(column.codes[rows], targets)
    return 0.0


def _pearson(values: Floats, target: Floats) -> float:
    """Return the absolute value of Pearson's correlation over the rows in which `values` is present."""
    present = ~np.isnan(values)
    if np.count_nonzero(present) < max(_MIN_ROWS, len(values) / 2):
        return 0.0
    x, y = values[present], target[present]
    x, y = x / (np.abs(x).max() or 1.0), y / (np.abs(y).max() or 1.0)  # squares of large numbers overflow
    x, y = x - x.mean(), y - y.mean()
    norm = float(np.sqrt((x @ x) * (y @ y)))
    return abs(float(x @ y)) / norm if norm > 0 else 0.0


def _association(codes: npt.NDArray[np.generic], classes: npt.NDArray[np.generic]) -> float:
    """Return Cramer's V of two columns of labels with as many values; 0 if the number of values differs.

    1 means that each label belongs to one class only, and each class to one label only.
    """
    number = int(classes.max()) + 1
    if len(np.unique(codes[:_PROBED])) > number:
        return 0.0
    levels, codes = np.unique(codes, return_inverse=True)
    if len(levels) != number or number < 2 or number * number > 1_000_000:
        return 0.0
    table = np.bincount(codes * number + classes.astype(np.int64), minlength=number * number).reshape(number, number)
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0, keepdims=True) / table.sum()
    with np.errstate(invalid="ignore", divide="ignore"):
        chi2 = np.nansum((table - expected) ** 2 / expected)
    return float(np.sqrt(chi2 / (table.sum() * (number - 1))))
