"""How often the status file is written: a slow disk must not slow the training down."""

from __future__ import annotations

import math

_MAX_SHARE = 0.0025  # of the time, for writing
_LONGEST_INTERVAL = 0.4  # seconds; so that a job is live on every disk


class WritePace:
    """Decides when the next write is due: after ``interval``, or later if a write takes long.

    Writing then takes at most 0.25 % of the time, unless a write takes more than a millisecond.

    Args:
        interval: minimum time between two writes, in seconds.
    """

    def __init__(self, interval: float) -> None:
        self._interval = interval
        self._due = -math.inf

    def is_due(self, now: float) -> bool:
        """Whether to write at this time of the monotonic clock."""
        return now >= self._due

    def written(self, started: float, ended: float) -> None:
        """Record that a write took from ``started`` to ``ended``, on the monotonic clock."""
        slowed = min((ended - started) / _MAX_SHARE, _LONGEST_INTERVAL)
        self._due = started + max(self._interval, slowed)
