"""Progress from the lines that a script prints, such as ``epoch 3/10 loss 0.123``. The last resort."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Container
from dataclasses import replace
from types import FrameType

from trainyard.capture.callers import caller_outside, package_of
from trainyard.capture.collector import Collector
from trainyard.capture.guard import Guard
from trainyard.capture.line_counts import BatchCount, ValueCount
from trainyard.capture.line_metrics import dataset_of
from trainyard.capture.loop_variables import EPOCHS, loop_variable
from trainyard.capture.parse_line import Line, parse_line
from trainyard.capture.source_report import SourceReport
from trainyard.capture.sources import TRAINERS
from trainyard.capture.watch_stream import watch_stream

_MAX_LINE = 4_000  # characters; longer lines are not training progress
_SECONDS_BETWEEN_REDRAWS = 0.05  # of a line that is written again and again; the versions in between are left out
_END = re.compile(r"(\r?\n|\r)")
_WARNING = re.compile(r"\S.*:\d+: \w*Warning: ")
# Between the code that prints and its line.
_PRINTERS = frozenset(("trainyard", "logging", "codecs", "loguru", "click", "rich", "tqdm", "contextlib"))
_LIBRARIES = {
    **{library: library for library in TRAINERS},
    "pytorch_lightning": "lightning",
    "lightning_fabric": "lightning",
}
_TRACEBACK = "Traceback (most recent call last):"


class Lines:
    """Turns lines into steps.

    If lines name batches, a step is a batch (or a sample, as printed). Otherwise a step is an epoch. If lines name
    neither, a step is one more value of the same metric.

    Args:
        sources: the selected sources. Lines that their libraries print are ignored.
    """

    def __init__(self, collector: Collector, sources: Container[str]) -> None:
        self._collector = collector
        self._sources = sources
        self._report = SourceReport(collector, "lines")
        self._first_epoch = 1  # 0 if the script counts epochs from 0
        self._epoch: int | None = None
        self._counts_batches = False
        self._batches = BatchCount()
        self._values = ValueCount()

    def see(self, line: Line) -> None:
        """Report the progress in a line."""
        printer = caller_outside(sys._getframe(1), _PRINTERS)
        package = "" if printer is None else package_of(printer)
        if _LIBRARIES.get(package) in self._sources:
            return
        if line.epoch is not None:
            if line.epoch == 0:
                self._first_epoch = 0
            if self._epoch is not None and line.epoch == self._first_epoch and self._epoch > 1:
                self._restart()
            self._epoch = line.epoch + 1 - self._first_epoch
            if line.epochs is None and self._collector.epochs is None:
                self._hint_epochs(self._epoch, printer)
        if line.epochs is not None:  # "Epoch 24/24" is the 25th one if the first one was "Epoch 0/24"
            self._collector.hint_epochs(max(line.epochs, self._epoch or 0))
        step = self._step(line)
        if step is None:
            self._report.log(line.metrics)
        else:
            self._report.log(line.metrics, step=step, epoch=self._epoch)

    def _restart(self) -> None:
        """Count on in a second training of the script, such as that of the next fold."""
        self._batches = BatchCount()
        self._report.begin(epochs=self._collector.epochs)

    def _hint_epochs(self, epoch: int, printer: FrameType | None) -> None:
        """Find the number of epochs in a variable of the script that prints the line, such as ``num_epochs``."""
        epochs = loop_variable(printer, EPOCHS, with_globals=True)
        if epochs is not None and epochs >= epoch:
            self._collector.hint_epochs(epochs)

    def _step(self, line: Line) -> int | None:
        """Return the completed steps; None if the line does not show them."""
        epochs = self._collector.epochs
        if line.dataset is not None and (line.steps is not None or self._epoch is not None):
            line = replace(line, step=None)  # the batches of a validation
        if line.step is None and line.epoch is None:
            has_steps = self._counts_batches or self._epoch is not None
            return None if has_steps else self._values.see(line.metrics)
        if self._values.end():
            self._report.begin()
        if line.step is not None:
            self._counts_batches = True
            if self._epoch is None:
                self._report.correct_totals(line.steps, None)
                return line.step
            if line.steps is None:
                return self._batches.see(self._epoch, line.step)
            self._report.correct_totals(epochs * line.steps if epochs else None, epochs)
            return (self._epoch - 1) * line.steps + line.step
        if self._epoch is None or self._counts_batches:
            return None
        self._report.correct_totals(epochs, epochs)
        return self._epoch if line.metrics else self._epoch - 1  # "Epoch 3/10" alone announces an epoch


class _Stream:
    """Watches one stream: collects what is written to it until a line is complete, or starts again."""

    def __init__(self, lines: Lines, guard: Guard) -> None:
        self._lines = lines
        self._guard = guard
        self._part = ""
        self._due = 0.0
        self._is_in_traceback = False
        self._is_after_warning = False
        self._heading: str | None = None  # part of the data that a line without numbers names, such as "Test error:"
        self._last_dataset: str | None = None

    def see(self, text: str) -> None:
        if "\n" not in text and "\r" not in text:
            if len(self._part) < _MAX_LINE:
                self._part += text
            return
        *complete, self._part = _END.split(self._part + text)
        for part, end in zip(complete[0::2], complete[1::2], strict=True):
            if end == "\r" and not self._is_due():
                continue
            line = None if self._is_message_of_python(part) else parse_line(part, self._dataset(part))
            if line is not None:
                self._last_dataset = line.dataset
                self._lines.see(line)

    def _dataset(self, text: str) -> str | None:
        """Return the part of the data that the lines before this one name, if it belongs to them."""
        start = text[:1]
        if start.isspace() and text.lstrip().startswith("*"):  # the summary of "Test: [  0/20] Acc@1 ..."
            return self._last_dataset
        if start.isspace():
            return self._heading
        if start:
            is_heading = text.rstrip().endswith(":") and not any(map(str.isdigit, text))
            self._heading = dataset_of(text) if is_heading else None
        return None

    def _is_message_of_python(self, text: str) -> bool:
        """Whether a line is part of a traceback or a warning, both of which show lines of the source."""
        is_indented = text.startswith(" ")
        if self._is_in_traceback:  # its last line, with the exception, is not indented
            self._is_in_traceback = is_indented
            return True
        self._is_in_traceback = _TRACEBACK in text
        is_warning = _WARNING.match(text) is not None
        is_its_source = self._is_after_warning and is_indented
        self._is_after_warning = is_warning
        return self._is_in_traceback or is_warning or is_its_source

    def _is_due(self) -> bool:
        """Whether to look at a line that the script writes again and again."""
        now = time.monotonic()
        if now < self._due:
            return False
        self._due = now + _SECONDS_BETWEEN_REDRAWS
        return True


def watch_streams(collector: Collector, guard: Guard, sources: Container[str]) -> None:
    """Watch ``sys.stdout`` and ``sys.stderr``. The streams stay the same objects and write the same bytes.

    Args:
        sources: the selected sources.
    """
    lines = Lines(collector, sources)
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            seen = _Stream(lines, guard)
            watch_stream(stream, seen.see, collector, guard)
