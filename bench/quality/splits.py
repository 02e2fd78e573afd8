"""The same splits for every model and seed: three test parts of a small table, one of a large one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.model_selection import KFold, StratifiedKFold

FOLDS = 5
"""A test part is one fold."""
SMALL = 1200
"""With fewer rows, several folds are tested for each seed, because a fifth of a small table gives a noisy score."""
FOLDS_OF_SMALL = 3
"""Default number of those folds."""


@dataclass(frozen=True)
class Split:
    """Training rows, of which a model takes its validation rows, and test rows."""

    seed: int
    fold: int
    train: pd.DataFrame
    test: pd.DataFrame


def splits(frame: pd.DataFrame, task: str, seeds: int, folds_of_small: int) -> Iterator[Split]:
    """Yield the splits of a table, stratified for a classification."""
    target = frame.iloc[:, -1]
    for seed in range(seeds):
        kind = StratifiedKFold if task == "classification" else KFold
        folds = kind(FOLDS, shuffle=True, random_state=seed).split(np.zeros(len(frame)), target)
        tested = folds_of_small if len(frame) < SMALL else 1
        for fold, (train, test) in enumerate(folds):
            if fold < tested:
                rows = [frame.iloc[part].reset_index(drop=True) for part in (train, test)]
                yield Split(seed, fold, *rows)
