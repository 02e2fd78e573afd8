"""Common parts of the sources that log named numbers: TensorBoard, MLflow and Weights & Biases."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from trainyard.capture.callers import caller_outside, package_of
from trainyard.capture.collector import Collector
from trainyard.capture.loop_total import LoopTotal
from trainyard.capture.source_report import SourceReport
from trainyard.capture.sources import TRAINERS

_MAX_NAMES = 10_000  # whose calls are counted
_TRAINERS = frozenset((*TRAINERS, "pytorch_lightning", "lightning_fabric"))
_LOGGERS = frozenset(("trainyard", "torch", "tensorboardX", "mlflow", "wandb", "contextlib"))
_COUNTS = ("epoch", "step", "global_step")  # logged as numbers, but they are not metrics


class LoggedNumbers:
    """Reports numbers of one source. Numbers without a step get one by counting the calls with the same name."""

    def __init__(self, collector: Collector, source: str) -> None:
        self._report = SourceReport(collector, source)
        self._counts: dict[str, int] = {}
        self._loop = LoopTotal(collector)

    def see(self, values: Mapping[str, Any], step: Any = None) -> None:
        """Report numbers, unless a library logs them that is a source itself."""
        values = {name: value for name, value in values.items() if name not in _COUNTS}
        if not self._report.active or not values:
            return
        caller = caller_outside(sys._getframe(1), _LOGGERS)
        if caller is not None and package_of(caller) in _TRAINERS:
            return
        if step is None:
            name = next(iter(values))
            if name in self._counts or len(self._counts) < _MAX_NAMES:
                self._counts[name] = self._counts.get(name, 0) + 1
            step = self._counts.get(name, 0)
        else:
            total = self._loop.see(caller, int(step))
            if total is not None:
                self._report.correct_totals(*total)
        self._report.log(values, step=int(step), epoch=self._loop.epoch(int(step)))
