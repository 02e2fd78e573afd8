"""The metrics file of a job: its content and its limits. Implements "Metrics" of ``src/runner/PROTOCOL.md``."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from trainyard.logs.append_file import AppendFile
from trainyard.reporter.metric_line import MetricLines, Row
from trainyard.reporter.status_limits import MAX_HISTORY_BYTES, MAX_HISTORY_NAMES, MAX_VALUES_PER_LINE

_FULL = (
    f"the metrics file has reached its limit of {MAX_HISTORY_BYTES >> 30} GiB: later values are shown live, but not "
    "recorded. Report fewer metrics, or less often (every=...)"
)


class MetricsHistory:
    """Collects lines and writes them together: ``flush`` must follow soon after ``add``.

    Args:
        path: the metrics file.
        warn: called with a topic and a message about what is not recorded; prints the first one of a topic.
    """

    def __init__(self, path: str | os.PathLike[str], warn: Callable[[str, str], object]) -> None:
        self._file = AppendFile(path)
        self._warn = warn
        self._lines = MetricLines()
        self._names: set[str] = set()  # in the file

    def add(self, attempt: int, epoch: int | None, names: tuple[str, ...], rows: Sequence[Row]) -> None:
        """Add reports with the same names, within the limits of the file."""
        self._check(self._file.open())
        if not self._names.issuperset(names):
            names, rows = self._within_limit(names, rows)
        if len(names) > MAX_VALUES_PER_LINE:
            self._add_in_parts(attempt, epoch, names, rows)
            return
        lines = self._lines.lines(attempt, epoch, names, rows)
        if self._file.planned_size + len(lines) <= MAX_HISTORY_BYTES:
            self._check(self._file.add(lines))
            return
        for line in lines.splitlines(keepends=True):
            if self._file.planned_size > MAX_HISTORY_BYTES:
                self._warn("bytes", _FULL)
                break
            self._check(self._file.add(line))

    def flush(self) -> None:
        """Write all lines. After an error, they are written later."""
        self._check(self._file.flush())

    def discard(self) -> None:
        """Drop the lines that are not written yet."""
        self._file.discard()

    def close(self) -> None:
        """Write all lines and close the file, which exists from now on. The next line opens it again."""
        self._check(self._file.open())
        self.flush()
        self._file.close()

    def _add_in_parts(self, attempt: int, epoch: int | None, names: tuple[str, ...], rows: Sequence[Row]) -> None:
        starts = range(0, len(names), MAX_VALUES_PER_LINE)
        for at, step, values in rows:
            numbers = tuple(values)
            for start in starts:
                part = slice(start, start + MAX_VALUES_PER_LINE)
                self.add(attempt, epoch, names[part], [(at, step, numbers[part])])

    def _within_limit(self, names: tuple[str, ...], rows: Sequence[Row]) -> tuple[tuple[str, ...], Sequence[Row]]:
        """Return the names, and their values, that the file has room for."""
        kept = []
        for index, name in enumerate(names):
            if name in self._names or len(self._names) < MAX_HISTORY_NAMES:
                self._names.add(name)
                kept.append(index)
        if len(kept) == len(names):
            return names, rows
        omitted = next(name for name in names if name not in self._names)
        self._warn(
            "history",
            f"the metrics history has {MAX_HISTORY_NAMES:,} names, which is its limit: {omitted!r} and "
            "further names are not recorded. Report fewer names",
        )
        shorter: list[Row] = []
        for at, step, values in rows:
            numbers = tuple(values)
            shorter.append((at, step, [numbers[index] for index in kept]))
        return tuple(names[index] for index in kept), shorter

    def _check(self, error: OSError | None) -> None:
        if error is not None:
            self._warn("metrics", f"cannot write {self._file.path} ({error}); training continues")
