"""Split rows into training, validation and test, or into folds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Indices = npt.NDArray[np.int64]
Targets = npt.NDArray[Any]

# Rows for training and validation, and for all three parts.
MIN_ROWS, MIN_ROWS_WITH_TEST = 5, 10


@dataclass(frozen=True)
class Parts:
    """Rows of a training, without overlap.

    `training` fits the model, `validation` chooses the epoch, `test` is held out. `test` can be empty.
    """

    training: Indices
    validation: Indices
    test: Indices


@dataclass(frozen=True)
class RowOrder:
    """Constraints of a split, one value for each row: rows of a group stay together, or rows are split by time.

    At most one of both is set. `times` are finite numbers; later rows have larger ones.
    """

    groups: Indices | None = None
    times: npt.NDArray[np.float64] | None = None

    def of(self, rows: Indices) -> RowOrder:
        """Return the order of some of the rows."""
        return RowOrder(
            None if self.groups is None else self.groups[rows], None if self.times is None else self.times[rows]
        )


ANY_ORDER = RowOrder()


def split_parts(targets: Targets, validation: float, test: float, seed: int, order: RowOrder = ANY_ORDER) -> Parts:
    """Split rows into three parts: stratified at random, by group, or by time with the newest rows as test.

    Args:
        targets: see `split_rows`.
        validation: fraction of the rows for validation.
        test: fraction of the rows for test; 0 leaves it empty, and so do fewer than `MIN_ROWS_WITH_TEST` rows. The sum
            of both fractions is below 1.
        seed: the same seed gives the same split.
        order: constraints of the split; at least three groups or times.
    """
    rows = len(targets)
    is_random = order.groups is None and order.times is None
    if test == 0 or (is_random and rows < MIN_ROWS_WITH_TEST):
        training, validating = _split(targets, validation, seed, order)
        return Parts(training, validating, np.arange(0))
    if is_random:
        test = min(test, 1 - MIN_ROWS / rows)
    rest, testing = _split(targets, test, seed, order, kept=2)
    training, validating = _split(targets[rest], validation / (1 - test), seed, order.of(rest))
    return Parts(rest[training], rest[validating], testing)


def split_folds(targets: Targets, folds: int, validation: float, seed: int, order: RowOrder) -> Iterator[Parts]:
    """Split rows `folds` times, so that each row is in one of the test parts.

    Args:
        targets: see `split_rows`.
        folds: number of test parts, at least 2 and below the number of rows, or of groups.
        validation: fraction of all rows for validation.
        seed: the same seed gives the same folds.
        order: groups to keep together. Without time.
    """
    fold = _folds(targets, folds, np.random.default_rng(seed), order.groups)
    for number in range(folds):
        testing, rest = np.flatnonzero(fold == number), np.flatnonzero(fold != number)
        share = min(validation * len(targets) / len(rest), 0.5)
        training, validating = _split(targets[rest], share, seed + number, order.of(rest))
        yield Parts(rest[training], rest[validating], testing)


def split_rows(targets: Targets, fraction: float, seed: int) -> tuple[Indices, Indices]:
    """Split rows at random into (larger part, part with `fraction` of the rows), stratified by target.

    Each class is split separately; a class with a single row stays in the first part. Numeric targets are sorted and
    divided into as many groups as the second part has rows, and one row is drawn from each group. A small second part
    then covers the whole range of the target. Both parts have at least two rows.

    Args:
        targets: class indices, shape (rows,), or numbers, shape (rows, targets), stratified by the first column. At
            least 4 rows.
        fraction: fraction of the rows for the second part.
        seed: the same seed gives the same split.
    """
    random = np.random.default_rng(seed)
    rows = len(targets)
    order = random.permutation(rows)
    wanted = int(np.clip(round(rows * fraction), 2, rows - 2))
    # Shuffled first, so that rows with equal targets stay in random order.
    ranked = order[np.argsort(_ranking(targets)[order], kind="stable")]
    if targets.ndim == 1:
        taken = _share_of_each_class(np.bincount(targets), wanted / rows)
    else:
        edges = np.linspace(0, rows, wanted + 1).round().astype(np.int64)
        taken = np.zeros(rows, dtype=np.bool_)
        taken[random.integers(edges[:-1], edges[1:])] = True
    if taken.sum() < 2:  # every class has a row or two
        return order[wanted:], order[:wanted]
    return random.permutation(ranked[~taken]), random.permutation(ranked[taken])


def _split(targets: Targets, fraction: float, seed: int, order: RowOrder, kept: int = 1) -> tuple[Indices, Indices]:
    """Split in two. The first part keeps at least `kept` groups or times."""
    if order.groups is not None:
        return _split_groups(order.groups, fraction, seed, kept)
    if order.times is not None:
        return _split_times(order.times, fraction, kept)
    return split_rows(targets, fraction, seed)


def _split_groups(groups: Indices, fraction: float, seed: int, kept: int) -> tuple[Indices, Indices]:
    """Move whole groups in random order to the second part while it comes closer to its share of the rows."""
    names, sizes = np.unique(groups, return_counts=True)
    wanted, taken = fraction * len(groups), 0
    chosen: list[int] = []
    for position in np.random.default_rng(seed).permutation(len(names))[: len(names) - kept]:
        size = int(sizes[position])
        if not chosen or abs(taken + size - wanted) < abs(taken - wanted):
            chosen.append(int(names[position]))
            taken += size
    is_second = np.isin(groups, chosen)
    return np.flatnonzero(~is_second), np.flatnonzero(is_second)


def _split_times(times: npt.NDArray[np.float64], fraction: float, kept: int) -> tuple[Indices, Indices]:
    """Move the newest rows to the second part. Rows with the same time stay together."""
    ranked = np.argsort(times, kind="stable")
    _, counts = np.unique(times, return_counts=True)
    borders = np.cumsum(counts)[kept - 1 : -1]
    border = borders[np.abs(borders - len(times) * (1 - fraction)).argmin()]
    return ranked[:border], ranked[border:]


def _folds(targets: Targets, folds: int, random: np.random.Generator, groups: Indices | None) -> Indices:
    """Return the fold of each row."""
    if groups is not None:
        names, sizes = np.unique(groups, return_counts=True)
        filled = np.zeros(folds, dtype=np.int64)
        fold_of = np.zeros(len(names), dtype=np.int64)
        order = random.permutation(len(names))
        for name in order[np.argsort(-sizes[order], kind="stable")]:
            fold_of[name] = filled.argmin()
            filled[fold_of[name]] += sizes[name]
        return fold_of[np.searchsorted(names, groups)]
    rows = len(targets)
    order = random.permutation(rows)
    ranked = order[np.argsort(_ranking(targets)[order], kind="stable")]
    # Of neighbours in the order of the targets, each goes to another fold; in the same sequence for each class.
    pattern = np.tile(np.arange(folds), (-(-rows // folds), 1))
    fold = np.empty(rows, dtype=np.int64)
    fold[ranked] = (pattern if targets.ndim == 1 else random.permuted(pattern, axis=1)).ravel()[:rows]
    return fold


def _ranking(targets: Targets) -> npt.NDArray[Any]:
    return targets if targets.ndim == 1 else targets[:, 0]


def _share_of_each_class(counts: Indices, share: float) -> npt.NDArray[np.bool_]:
    """Select rows from rows sorted by class: a share of each class, at least one of two, but never all."""
    size = np.repeat(counts, counts)
    rank = np.arange(len(size)) - np.repeat(np.cumsum(counts) - counts, counts)
    wanted = np.clip(np.round(size * share), np.minimum(1, size - 1), np.maximum(size - 1, 0))
    return rank < wanted
