"""Merges the reports of all sources into one reporter: each number once, and the step from one source."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from trainyard.capture.metric_names import metric_key
from trainyard.capture.sources import position_rank, rank

if TYPE_CHECKING:
    from trainyard.reporter.reporter import Reporter

_MAX_NAME = 128  # UTF-16 units; the reporter refuses longer names
_MAX_KEYS = 20_000  # different names that are remembered
_NO_SOURCE = 99  # a rank below all sources


class Collector:
    """Reports for all sources. Thread-safe.

    A name belongs to the richest source that has reported it. The step (with totals and epoch) belongs to the richest
    source that knows one. If a source starts to count again, as in a second training of the same script, its steps
    are added to those before, because the steps of an attempt never decrease.

    Args:
        report: the reporter, inside its ``with`` block. Outside a job, the collector does nothing.
    """

    def __init__(self, report: Reporter) -> None:
        self.report = report
        self._lock = threading.RLock()
        self._keys: dict[frozenset[str], int] = {}
        self._source: str | None = None  # of the step
        self._source_rank = _NO_SOURCE
        self._expected: set[str] = set()
        self._explicit: tuple[int, frozenset[frozenset[str]]] = (0, frozenset())
        self._step = 0
        self._offset = 0
        self._totals: tuple[int | None, int | None] | None = None  # None: the source has not set them
        self._is_new_count = True
        self._epochs = report.planned_epochs
        self._steps: int | None = None
        self._flushes: list[Callable[[], object]] = []

    @property
    def active(self) -> bool:
        """Whether reports have an effect: false outside a job and in a forked child process."""
        return self.report.active

    @property
    def epochs(self) -> int | None:
        """Epochs of the whole job, from any source that knows them; None if unknown."""
        return self._epochs

    def hint_epochs(self, epochs: int) -> None:
        """Pass the number of epochs to the sources that do not know it."""
        if 1 <= epochs < 2**31:
            self._epochs = epochs

    @property
    def steps(self) -> int | None:
        """Steps of the whole job according to the options of the script; None if unknown."""
        return self._steps

    def hint_steps(self, steps: int) -> None:
        """Pass the number of steps to the sources that do not know it."""
        if 1 <= steps < 2**53:
            self._steps = steps

    def before_end(self, flush: Callable[[], object]) -> None:
        """Call ``flush`` when the script has ended."""
        self._flushes.append(flush)

    def flush(self) -> None:
        """Call the functions of ``before_end``, the last one first."""
        for flush in reversed(self._flushes):
            flush()

    def expect(self, source: str) -> None:
        """Keep the step for a source that will start to train: poorer ones may report a preparation before."""
        self._expected.add(source)

    def begin(self, source: str, total_steps: int | None, epochs: int | None) -> None:
        """Begin a count of steps, with its totals."""
        with self._lock:
            if self._take_step(source, total_steps is not None):
                self._is_new_count = True
                self._set_totals(total_steps, epochs)

    def correct_totals(self, source: str, total_steps: int | None, epochs: int | None) -> None:
        """Change the totals of a count that continues."""
        with self._lock:
            if self._take_step(source, total_steps is not None) and self._totals != (total_steps, epochs):
                self._set_totals(total_steps, epochs)

    def _set_totals(self, total_steps: int | None, epochs: int | None) -> None:
        self._totals = (total_steps, epochs)
        if epochs:
            self._epochs = epochs
        if self._is_new_count and self._step > 0:
            return  # the first step shows whether the count continues the previous one
        total = None if total_steps is None else total_steps + self._offset
        self.report.begin(total_steps=total, epochs=epochs)

    def report_step(
        self,
        source: str,
        step: int,
        epoch: int | None,
        metrics: Mapping[str, Any],
        samples: int | None = None,
        has_total: bool = False,
    ) -> None:
        """Report a completed step, counted from the start of the training by this source."""
        with self._lock:
            values = self._own(source, metrics)
            if not self._take_step(source, has_total):
                if values:
                    self.report.log(values)
                return
            if self._is_new_count:
                self._start_count(step)
            self._step = max(self._step, step + self._offset)
            self.report.log(values, step=self._step, epoch=epoch, samples=samples)

    def report_metrics(self, source: str, metrics: Mapping[str, Any]) -> None:
        """Report metrics at the current step."""
        with self._lock:
            values = self._own(source, metrics)
            if values:
                self.report.log(values)

    def _take_step(self, source: str, has_total: bool) -> bool:
        """Whether the step belongs to this source, now or already."""
        if getattr(self.report, "explicit_steps", False):
            return False
        if source == self._source:
            return True
        own = position_rank(source, has_total)
        if own > self._source_rank or (self._expected and own > 0):
            return False
        self._source, self._source_rank = source, own
        self._totals = None
        self._is_new_count = True
        return True

    def _start_count(self, step: int) -> None:
        self._offset = 0 if step > self._step else self._step
        self._is_new_count = False
        if self._step > 0:
            self._set_totals(*(self._totals or (None, None)))

    def _explicit_keys(self) -> frozenset[frozenset[str]]:
        """Return the keys of the metrics that the script itself reports."""
        names = getattr(self.report, "explicit_names", ())
        if len(names) != self._explicit[0]:
            self._explicit = (len(names), frozenset(metric_key(name) for name in tuple(names)))
        return self._explicit[1]

    def _own(self, source: str, metrics: Mapping[str, Any]) -> dict[str, float]:
        """Return the metrics whose names belong to this source, as numbers."""
        values: dict[str, float] = {}
        own = rank(source)
        explicit = self._explicit_keys()
        for name, value in metrics.items():
            number = _number(value)
            key = metric_key(name)
            if number is None or len(name) > _MAX_NAME or key in explicit:
                continue
            owner = self._keys.get(key, _NO_SOURCE)
            if own <= owner and (owner != _NO_SOURCE or len(self._keys) < _MAX_KEYS):
                self._keys[key] = own
                values[name] = number
        return values


def _number(value: Any) -> float | None:
    """Return a number, or an object with one value such as a tensor, as float; None for anything else."""
    if type(value) is float:
        return value
    if isinstance(value, (bool, str, bytes, complex)):
        return None
    try:
        return float(value)
    except Exception:  # libraries raise all kinds, such as ValueError for an array of several values
        return None
