"""Split rows into training and validation."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Indices = npt.NDArray[np.int64]

MIN_ROWS = 5


def split_rows(targets: npt.NDArray[Any], fraction: float, seed: int) -> tuple[Indices, Indices]:
    """Split rows at random into (training, validation), stratified by target, with at least two rows each.

    Each class is split separately; a class with a single row stays in training. Numeric targets are sorted and divided
    into as many groups as there are validation rows, and one row is drawn from each group. A small validation split
    then covers the whole range of the target.

    Args:
        targets: class indices, shape (rows,), or numbers, shape (rows, targets), stratified by the first column. At
            least `MIN_ROWS` rows.
        fraction: fraction of the rows for validation.
        seed: the same seed gives the same split.
    """
    random = np.random.default_rng(seed)
    rows = len(targets)
    order = random.permutation(rows)
    validation_rows = int(np.clip(round(rows * fraction), 2, rows - 2))
    # Shuffled first, so that rows with equal targets stay in random order.
    if targets.ndim == 1:
        ranked = order[np.argsort(targets[order], kind="stable")]
        taken = _share_of_each_class(np.bincount(targets), validation_rows / rows)
    else:
        ranked = order[np.argsort(targets[order, 0], kind="stable")]
        edges = np.linspace(0, rows, validation_rows + 1).round().astype(np.int64)
        taken = np.zeros(rows, dtype=np.bool_)
        taken[random.integers(edges[:-1], edges[1:])] = True
    if taken.sum() < 2:  # every class has a row or two
        return order[validation_rows:], order[:validation_rows]
    return random.permutation(ranked[~taken]), random.permutation(ranked[taken])


def _share_of_each_class(counts: Indices, share: float) -> npt.NDArray[np.bool_]:
    """Select validation rows from rows sorted by class: a share of each class, at least one of two, but never all."""
    size = np.repeat(counts, counts)
    rank = np.arange(len(size)) - np.repeat(np.cumsum(counts) - counts, counts)
    wanted = np.clip(np.round(size * share), np.minimum(1, size - 1), np.maximum(size - 1, 0))
    return rank < wanted
