"""Reports of the last moments, which wait to be recorded together.

A step of 1 ms leaves little of the reporter in the CPU caches, so that each line of code costs several times as much
there as in a loop. ``ReportQueue.add`` is therefore short, and takes no lock; the rest is done for many steps at once.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from trainyard.reporter.plain_number import MAX_COUNT, plain_number

Report = tuple[float, int, int | None, dict[str, Any] | None]
"""Monotonic time, step, samples, and the values by name; None if the step is counted, but not recorded."""


class ReportQueue:
    """Accepts reports that are like the previous one: a later step of the same epoch, and known names.

    Everything else must be recorded at once, after the reports in the queue. The queue is closed until ``open``.

    Args:
        defer: receives the step and loss of a step that is not recorded.
    """

    def __init__(self, defer: Callable[[int, object], object]) -> None:
        self.total_steps: int | None = None
        """Steps of the job; the last one is always recorded."""
        self._defer = defer
        self._reports: deque[Report] = deque()
        self._closes_at = -math.inf
        self._names: frozenset[str] | set[str] = frozenset()
        self._step = 0
        self._epoch: int | None = None

    def open(self, until: float, names: set[str], step: int, epoch: int | None) -> None:
        """Accept reports until a time of the monotonic clock, that is, until they are taken at the latest.

        Args:
            names: the known names. The caller of ``add`` must pass the same set.
            step: the step that was recorded last.
            epoch: its epoch, as given by the caller.
        """
        self._names, self._step, self._epoch = names, step, epoch
        self._closes_at = until

    def close(self) -> None:
        """Accept no more reports. Signal handlers can call it."""
        self._closes_at = -math.inf

    @property
    def is_closed(self) -> bool:
        """Whether ``close`` was called after ``open``. False if only the time is over."""
        return self._closes_at == -math.inf

    def add(
        self,
        names: set[str],
        every: int,
        step: int,
        epoch: int | None,
        loss: Any,
        samples: int | None,
        metrics: Mapping[str, Any],
    ) -> bool:
        """Accept a report. Returns False if the caller must record it: see ``Reporter.step``.

        Raises:
            TypeError: a value is not a number.
        """
        now = time.monotonic()
        if now >= self._closes_at or names is not self._names or type(step) is not int or epoch != self._epoch:
            return False
        if not self._step <= step <= MAX_COUNT or (samples is not None and type(samples) is not int):
            return False
        values: dict[str, Any] | None = None
        if metrics or step % every == 0 or step == self.total_steps:
            values = dict(metrics) if loss is None else {"loss": loss, **metrics}
            for name, value in values.items():
                if name not in names or value is None:
                    return False
                if type(value) is not float:
                    values[name] = plain_number(name, value)
        else:
            self._defer(step, loss)
        self._step = step
        self._reports.append((now, step, samples, values))
        return True

    def __bool__(self) -> bool:
        """Whether reports are in the queue."""
        return bool(self._reports)

    def take(self) -> list[Report]:
        """Remove and return the reports in the queue."""
        reports = self._reports
        return [reports.popleft() for _ in range(len(reports))]
