"""The reporter as one source sees it. The callbacks of ``trainyard.integrations`` report to it as to a ``Reporter``."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trainyard.capture.collector import Collector

_INTERVAL = 0.05  # minimum seconds between two reports of steps without metrics, so that a step costs next to nothing


class SourceReport:
    """Has the methods of ``Reporter`` that callbacks need. Never raises ``StopTraining``.

    Args:
        source: name of the source, such as ``keras``.
    """

    def __init__(self, collector: Collector, source: str) -> None:
        self._collector = collector
        self._source = source
        self._has_total = False
        self._due = 0.0
        self._late: tuple[int, int | None] | None = None  # step and epoch that are not reported yet
        collector.before_end(self._report_late)

    @property
    def active(self) -> bool:
        """See ``Reporter.active``."""
        return self._collector.active

    @property
    def attempt(self) -> int:
        """See ``Reporter.attempt``."""
        return self._collector.report.attempt

    @property
    def should_stop(self) -> bool:
        """See ``Reporter.should_stop``."""
        return self._collector.report.should_stop

    def begin(self, total_steps: int | None = None, epochs: int | None = None) -> None:
        """Begin a count of steps."""
        self._report_late()
        if self.active:
            self._has_total = total_steps is not None
            self._collector.begin(self._source, total_steps, epochs)

    def correct_totals(self, total_steps: int | None, epochs: int | None) -> None:
        """Change the totals of a count that continues. Does nothing if they are the same."""
        if self.active:
            self._has_total = total_steps is not None
            self._collector.correct_totals(self._source, total_steps, epochs)

    def log(
        self,
        metrics: Mapping[str, Any],
        *,
        step: int | None = None,
        epoch: int | None = None,
        samples: int | None = None,
    ) -> None:
        """See ``Reporter.log``. Names that belong to a richer source are ignored."""
        if step is not None and not metrics and samples is None:
            now = time.monotonic()
            if now < self._due:
                self._late = (step, epoch)
                return
            self._due = now + _INTERVAL
        if not self.active or (step is None and not metrics):
            return
        if step is None:
            self._report_late()
            self._collector.report_metrics(self._source, metrics)
        else:
            self._late = None
            self._collector.report_step(self._source, step, epoch, metrics, samples, self._has_total)

    def _report_late(self) -> None:
        if self._late is not None and self.active:
            step, epoch = self._late
            self._late = None
            self._collector.report_step(self._source, step, epoch, {}, None, self._has_total)

    def checkpoint(self, path: str | os.PathLike[str]) -> None:
        """See ``Reporter.checkpoint``."""
        self._collector.report.checkpoint(path)
