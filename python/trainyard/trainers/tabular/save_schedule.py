"""When a training in progress is saved: often enough to lose little, seldom enough to cost little."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# Saving takes at most one part in so many of a training's time, however large the model or slow the disk.
COST_FACTOR = 50


class SaveSchedule:
    """Says when to save.

    Args:
        every_seconds: seconds between two saves; more where a save takes so long that it would cost more than
            1 / `COST_FACTOR` of the time. 0 for never.
        every_epochs: also at the end of every so many epochs, whatever it costs. 0 for never.
        clock: seconds on a monotonic clock.
    """

    def __init__(self, every_seconds: float, every_epochs: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._every_seconds = every_seconds
        self._every_epochs = every_epochs
        self._clock = clock
        self._due = clock() + every_seconds

    def is_due(self, completed_epoch: int | None) -> bool:
        """Whether to save after this step. `completed_epoch` is the epoch that it ended, None when it ended none."""
        if completed_epoch and self._every_epochs and completed_epoch % self._every_epochs == 0:
            return True
        return self._every_seconds > 0 and self._clock() >= self._due

    @contextmanager
    def saving(self) -> Iterator[None]:
        """Save within this; a save that fails is not tried again before the next one is due."""
        began = self._clock()
        try:
            yield
        finally:
            ended = self._clock()
            self._due = ended + max(self._every_seconds, COST_FACTOR * (ended - began))
