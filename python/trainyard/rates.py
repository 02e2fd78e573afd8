"""How fast a training goes: smoothed over the last few seconds, on a clock that nobody can set back."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable


class Rates:
    """Steps and samples a second over a sliding window.

    Args:
        window: seconds looked back. Older marks are dropped, except that two are always kept: a trainer whose steps
            take minutes has a rate too.
        clock: seconds on a monotonic clock.
    """

    _SPACING = 0.05  # seconds between two marks: a million fast steps must not become a million marks

    def __init__(self, window: float = 5.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._window = window
        self._clock = clock
        self._samples = 0.0
        self._marks: deque[tuple[float, int, float]] = deque()
        self._newest: tuple[float, int, float] | None = None

    def add(self, step: int, samples: float | None) -> None:
        """Note that ``step`` (absolute) is done, and how many samples it took (None when that is not known)."""
        self._samples += samples or 0
        now = self._clock()
        self._newest = (now, step, self._samples)
        if not self._marks or now - self._marks[-1][0] >= self._SPACING:
            self._marks.append(self._newest)
            while len(self._marks) > 2 and now - self._marks[1][0] >= self._window:
                self._marks.popleft()

    def steps_per_second(self) -> float | None:
        """None until two steps lie apart in time."""
        return self._slope(1)

    def samples_per_second(self) -> float | None:
        """None until two steps lie apart in time, and where samples are never given."""
        return self._slope(2) or None

    def _slope(self, what: int) -> float | None:
        if self._newest is None:
            return None
        first = self._marks[0]
        elapsed = self._newest[0] - first[0]
        return (self._newest[what] - first[what]) / elapsed if elapsed > 0 else None
