"""Reports of the last moments, which a thread records together.

A step of 1 ms leaves little of the reporter in the CPU caches, so that each line of code costs several times as much
there as in a loop. ``ReportQueue.add`` is therefore short, and takes no lock; the rest is done for many steps at once.
"""

from __future__ import annotations

import math
import os
import weakref
from collections.abc import Callable, Mapping
from functools import partial
from time import monotonic
from typing import Any

from trainyard.reporter.plain_number import MAX_COUNT, plain_number

Report = tuple[float, int, int | None, float | None, Mapping[str, float] | None]
"""Monotonic time, step, samples, loss, and other values by name; None if the step is counted, but not recorded."""

Add = Callable[[int, int | None, Any, int | None, dict[str, Any]], bool]
"""Adds a report (step, epoch, loss, samples, other values): see ``ReportQueue.add``."""

_MAX_REPORTS = 4_000  # so that a script that does nothing but report fills no memory
_CLOSED = -math.inf


def refuse(_step: int, _epoch: int | None, _loss: Any, _samples: int | None, _metrics: dict[str, Any]) -> bool:
    """``Add`` of a reporter without an open queue."""
    return False


class ReportQueue:
    """Accepts reports that are like the previous one: a later step of the same epoch, and known names.

    Everything else must be recorded at once, after the reports in the queue. The queue is closed until ``open``, and in
    a forked child.

    Args:
        defer: receives the step and loss of a step that is not recorded.
        on_late: called if the queue was closed while a report was added, which must then be recorded soon.
    """

    def __init__(self, defer: Callable[[int, object], object], on_late: Callable[[], object]) -> None:
        self.total_steps: int | None = None
        """Steps of the job; the last one is always recorded."""
        self._defer = defer
        self._on_late = on_late
        self._reports: list[Report] = []
        self._closes_at = _CLOSED
        self._names: frozenset[str] | set[str] = frozenset()
        self._step = 0
        self._epoch: int | None = None
        close_in_child = weakref.WeakMethod(self.close)
        os.register_at_fork(after_in_child=lambda: (close := close_in_child()) and close())

    def open(self, until: float, names: set[str], step: int, epoch: int | None, every: int) -> Add:
        """Accept reports until a time of the monotonic clock, after a report that was recorded.

        Args:
            until: the time. ``take`` must be called long before, and ``keep_open`` then.
            names: the known names.
            step: the step that was recorded last.
            epoch: its epoch, as given by the caller.
            every: report every step that is a multiple of this number, and the other steps if they have metrics.

        Returns:
            a function that adds a report with these names.
        """
        self._names, self._step, self._epoch = names, step, epoch
        self._closes_at = until
        return partial(self._add, names, every)

    def keep_open(self, until: float) -> None:
        """Accept reports until a later time, unless the queue was closed."""
        if self._closes_at != _CLOSED:
            self._closes_at = until

    def close(self) -> None:
        """Accept no more reports. Signal handlers can call it."""
        self._closes_at = _CLOSED

    def __bool__(self) -> bool:
        """Whether reports are in the queue."""
        return bool(self._reports)

    def take(self) -> list[Report]:
        """Remove and return the reports in the queue."""
        taken = self._reports[:]
        del self._reports[: len(taken)]  # not those that were added in the meantime
        return taken

    def _add(
        self,
        names: set[str],
        every: int,
        step: int,
        epoch: int | None,
        loss: Any,
        samples: int | None,
        metrics: dict[str, Any],
    ) -> bool:
        """Accept a report. Returns False if the caller must record it: see ``Reporter.step``.

        Args:
            metrics: belongs to the queue from now on.

        Raises:
            TypeError: a value is not a number.
        """
        at = monotonic()
        if (
            at >= self._closes_at
            or names is not self._names
            or type(step) is not int
            or not self._step <= step <= MAX_COUNT
            or epoch != self._epoch
            or (samples is not None and type(samples) is not int)
            or len(self._reports) >= _MAX_REPORTS
        ):
            return False
        for name, value in metrics.items():
            if name not in names or value is None:
                return False
            if type(value) is not float:
                metrics[name] = plain_number(name, value)
        if metrics or step % every == 0 or step == self.total_steps:
            if loss is not None:
                if "loss" not in names:
                    return False
                if type(loss) is not float:
                    loss = plain_number("loss", loss)
            self._reports.append((at, step, samples, loss, metrics))
        else:
            self._defer(step, loss)
            self._reports.append((at, step, samples, None, None))
        self._step = step
        if self._closes_at == _CLOSED:
            self._on_late()
        return True
