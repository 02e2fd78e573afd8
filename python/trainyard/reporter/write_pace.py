"""How often the status file is written: a slow disk must not slow the training down."""

from __future__ import annotations

import math

_SHARE = 0.0025  # of the time, for writing
_CREDIT = 0.02  # seconds of writing, so that a job is live from the start, and a single slow write changes nothing
_LONGEST_INTERVAL = 0.4  # seconds; so that a job is live on every disk


class WritePace:
    """Decides when the next write is due: after ``interval``, or later if writes take long.

    After the first 20 ms of writing, writes take at most 0.25 % of the time, unless a write takes more than a
    millisecond. Time without writes saves up to 20 ms again.

    Args:
        interval: minimum time between two writes, in seconds.
    """

    def __init__(self, interval: float) -> None:
        self._interval = interval
        self._due = -math.inf
        self._credit = _CREDIT
        self._counted = -math.inf  # monotonic time up to which the credit is counted

    def is_due(self, now: float) -> bool:
        """Whether to write at this time of the monotonic clock."""
        return now >= self._due

    def written(self, started: float, ended: float) -> None:
        """Record that a write took from ``started`` to ``ended``, on the monotonic clock."""
        saved = (ended - self._counted) * _SHARE
        self._credit = min(_CREDIT, self._credit + saved) - (ended - started)
        self._counted = ended
        slowed = min(max(0.0, -self._credit) / _SHARE, _LONGEST_INTERVAL)
        self._credit = max(self._credit, -_LONGEST_INTERVAL * _SHARE)
        self._due = started + max(self._interval, slowed)
