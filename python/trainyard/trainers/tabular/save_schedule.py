"""Decide when to save the training state, with a limit on the time that saving takes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# Saving takes at most 1 / COST_FACTOR of the training time.
COST_FACTOR = 50


class SaveSchedule:
    """Schedule of saves.

    Args:
        every_seconds: seconds between saves; longer if saving would take more than 1 / `COST_FACTOR` of the time. 0
            disables saves by time.
        every_epochs: number of epochs between additional saves, without a limit on their cost. 0 disables them.
        clock: returns seconds on a monotonic clock.
    """

    def __init__(self, every_seconds: float, every_epochs: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._every_seconds = every_seconds
        self._every_epochs = every_epochs
        self._clock = clock
        self._due = clock() + every_seconds

    def is_due(self, completed_epoch: int | None) -> bool:
        """Whether to save after this step. `completed_epoch` is the epoch that the step completed, or None."""
        if completed_epoch and self._every_epochs and completed_epoch % self._every_epochs == 0:
            return True
        return self._every_seconds > 0 and self._clock() >= self._due

    @contextmanager
    def saving(self) -> Iterator[None]:
        """Context manager that measures a save. A failed save is retried when the next one is due."""
        began = self._clock()
        try:
            yield
        finally:
            ended = self._clock()
            self._due = ended + max(self._every_seconds, COST_FACTOR * (ended - began))
