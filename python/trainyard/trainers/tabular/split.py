"""Which rows are trained on and which are held back."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Indices = npt.NDArray[np.int64]

MIN_ROWS = 5


def split_rows(targets: npt.NDArray[Any], fraction: float, seed: int) -> tuple[Indices, Indices]:
    """Split rows at random into (training, validation), at least two rows each, with the same mix of targets in both.

    Classes are split one by one; a class with a single row stays in training. Numbers are ranked and cut into as many
    groups of neighbours as there are validation rows, of which each gives one: a small validation split then covers the
    whole range, instead of a corner of it by bad luck.

    Args:
        targets: shape (rows,), class numbers, or (rows, targets), numbers of which the first column is ranked;
            `MIN_ROWS` rows or more.
        fraction: share of the validation rows.
        seed: the same seed gives the same split.
    """
    random = np.random.default_rng(seed)
    rows = len(targets)
    order = random.permutation(rows)
    held_back = int(np.clip(round(rows * fraction), 2, rows - 2))
    # Shuffled first, so that equal targets are in random order within the sort.
    if targets.ndim == 1:
        ranked = order[np.argsort(targets[order], kind="stable")]
        taken = _share_of_each_class(np.bincount(targets), held_back / rows)
    else:
        ranked = order[np.argsort(targets[order, 0], kind="stable")]
        edges = np.linspace(0, rows, held_back + 1).round().astype(np.int64)
        taken = np.zeros(rows, dtype=np.bool_)
        taken[random.integers(edges[:-1], edges[1:])] = True
    if taken.sum() < 2:  # every class has a row or two
        return order[held_back:], order[:held_back]
    return random.permutation(ranked[~taken]), random.permutation(ranked[taken])


def _share_of_each_class(counts: Indices, share: float) -> npt.NDArray[np.bool_]:
    """Which rows, sorted by class, to hold back: a share of each class, never all of it, and one of two at least."""
    size = np.repeat(counts, counts)
    rank = np.arange(len(size)) - np.repeat(np.cumsum(counts) - counts, counts)
    wanted = np.clip(np.round(size * share), np.minimum(1, size - 1), np.maximum(size - 1, 0))
    return rank < wanted
