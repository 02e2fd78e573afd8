"""Train a model without reports: for a fold of a cross-validation, and on all rows at the end."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor

from trainyard.spec import Spec
from trainyard.trainers.tabular.early_stopping import EarlyStopping
from trainyard.trainers.tabular.learner import STEPS_BETWEEN_CHECKS, Learner
from trainyard.trainers.tabular.options import Options


def fit_with_validation(
    spec: Spec, options: Options, learner: Learner, check: Callable[[], None]
) -> dict[str, Tensor] | None:
    """Train like the training of a job: at most `spec.epochs` epochs, with early stopping.

    Args:
        check: called every 50 steps; can raise to abort.

    Returns:
        The weights with the lowest validation loss; None if the training diverged before the first.
    """
    stopping = EarlyStopping(options.patience)
    for epoch in _epochs(spec, learner, spec.epochs, check):
        val_loss, score = learner.validate()
        if not math.isfinite(val_loss):
            break
        learner.adapt(val_loss)
        stopping.note(epoch, val_loss, score, learner)
        if stopping.has_stalled(epoch):
            break
    return stopping.best.weights or None


def fit_without_validation(
    spec: Spec, learner: Learner, losses: Sequence[float], check: Callable[[], None]
) -> dict[str, Tensor]:
    """Train as many epochs as there are `losses`: the validation losses of a training, which set the learning rates.

    Args:
        check: called every 50 steps; can raise to abort.

    Returns:
        The weights of the last epoch.
    """
    for epoch in _epochs(spec, learner, len(losses), check):
        learner.adapt(losses[epoch - 1])
    return learner.weights()


def _epochs(spec: Spec, learner: Learner, epochs: int, check: Callable[[], None]) -> Iterator[int]:
    """Train, and yield each completed epoch, from 1."""
    shuffle = torch.Generator().manual_seed(spec.seed)
    step = 0
    for epoch in range(1, epochs + 1):
        for batch in learner.batches(shuffle):
            step += 1
            learner.learn(batch, step)
            if step % STEPS_BETWEEN_CHECKS == 0:
                check()
        yield epoch
