"""Steps and samples per second, averaged over the last few seconds on a monotonic clock."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable


class Rates:
    """Steps and samples per second over a sliding window.

    Args:
        window: length of the window in seconds. At least two marks are kept, so that slow steps have a rate too.
            Default: 5.
        clock: returns seconds on a monotonic clock.
    """

    _SPACING = 0.05  # minimum seconds between two marks, to limit their number

    def __init__(self, window: float = 5.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._window = window
        self._clock = clock
        self._samples = 0.0
        self._marks: deque[tuple[float, int, float]] = deque()
        self._newest: tuple[float, int, float] | None = None

    def add(self, step: int, samples: float | None, at: float | None = None) -> None:
        """Record that ``step`` (counted from the start of the job) is done, and its samples (None if unknown).

        Args:
            at: time of the step on the clock. Default: now.
        """
        self._samples += samples or 0
        now = self._clock() if at is None else at
        self._newest = (now, step, self._samples)
        if not self._marks or now - self._marks[-1][0] >= self._SPACING:
            self._marks.append(self._newest)
            while len(self._marks) > 2 and now - self._marks[1][0] >= self._window:
                self._marks.popleft()

    def steps_per_second(self) -> float | None:
        """Return steps per second; None until two steps have different times."""
        return self._slope(1)

    def samples_per_second(self) -> float | None:
        """Return samples per second; None until two steps have different times, or if samples are never given."""
        return self._slope(2) or None

    def _slope(self, index: int) -> float | None:
        if self._newest is None:
            return None
        first = self._marks[0]
        elapsed = self._newest[0] - first[0]
        return (self._newest[index] - first[index]) / elapsed if elapsed > 0 else None
