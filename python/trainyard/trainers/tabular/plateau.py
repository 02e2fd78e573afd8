"""Learning-rate schedule: lower the rate when the validation loss stops falling."""

from __future__ import annotations

import math
from typing import Any

# After this many epochs without a lower validation loss, the learning rate is multiplied by the factor.
EPOCHS, FACTOR = 5, 0.3
# Steps over which the rate rises to its full value.
WARMUP_STEPS = 20


class PlateauSchedule:
    """Learning rate that does not depend on the number of epochs, so that a training can continue beyond it."""

    def __init__(self, learning_rate: float) -> None:
        self._full_rate = learning_rate
        self._factor, self._best, self._since = 1.0, math.inf, 0

    def rate(self, step: int) -> float:
        """Return the learning rate of a step, from 1."""
        return self._full_rate * self._factor * min(1.0, step / WARMUP_STEPS)

    def adapt(self, val_loss: float) -> None:
        """Take the validation loss of an epoch into account."""
        if val_loss < self._best * (1 - 1e-4):
            self._best, self._since = val_loss, 0
            return
        self._since += 1
        if self._since > EPOCHS:
            self._factor, self._since = self._factor * FACTOR, 0

    def state_dict(self) -> dict[str, Any]:
        """Return the state as numbers."""
        return {"factor": self._factor, "best": self._best, "since": self._since}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore a state from `state_dict`. Raises KeyError for anything else."""
        self._factor, self._best, self._since = state["factor"], state["best"], state["since"]
