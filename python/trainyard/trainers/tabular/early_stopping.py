"""Keep the best weights of a training, and end it when the validation loss has stopped falling."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from torch import Tensor

from trainyard.trainers.tabular.learner import Learner


@dataclass
class Best:
    """The weights with the lowest validation loss so far, with their epoch (0: none yet), loss and score."""

    loss: float = math.inf
    epoch: int = 0
    score: float = math.nan
    weights: dict[str, Tensor] = field(default_factory=dict)


class EarlyStopping:
    """The rule by which the validation chooses the epoch of the model, and the last epoch of the training.

    Args:
        patience: number of epochs without a lower validation loss before the training ends; 0: it does not end early.
    """

    def __init__(self, patience: int) -> None:
        self.best = Best()
        self.counts_after = 0
        """Epochs until this one do not count: an earlier attempt has ended there."""
        self._patience = patience

    def note(self, epoch: int, loss: float, score: float, learner: Learner) -> bool:
        """Take a validation into account. Returns whether its weights are the best so far, and kept."""
        if not loss < self.best.loss:
            return False
        self.best = Best(loss, epoch, score, learner.weights())
        return True

    def has_stalled(self, epoch: int) -> bool:
        """Whether the validation loss has not fallen for as many epochs as the patience allows."""
        return 0 < self._patience <= epoch - max(self.best.epoch, self.counts_after)
