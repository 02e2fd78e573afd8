"""The metrics file of a job: its content and its limits. Implements "Metrics" of ``src/runner/PROTOCOL.md``."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from trainyard.logs.append_file import AppendFile
from trainyard.reporter.metric_line import MetricLines, Names, Row
from trainyard.reporter.status_limits import MAX_HISTORY_BYTES, MAX_HISTORY_NAMES, MAX_VALUES_PER_LINE

_MAX_USUAL = 1_000
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
        self._usual: set[Names] = set()  # names of reports that are within the limits

    def add(self, attempt: int, epoch: int | None, names: Sequence[Names], rows: Sequence[Row]) -> None:
        """Add reports, in their order, within the limits of the file.

        Args:
            names: the names of each row.
        """
        self._check(self._file.open())
        if not self._usual.issuperset(names):
            parts = [part for report in zip(names, rows, strict=True) for part in self._within_limits(*report)]
            names, rows = [of_part for of_part, _ in parts], [part for _, part in parts]
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

    def _within_limits(self, names: Names, row: Row) -> list[tuple[Names, Row]]:
        """Return the parts of a report that the file has room for, each short enough for a line."""
        if not self._names.issuperset(names):
            names, row = self._without_excess(names, row)
        if len(names) <= MAX_VALUES_PER_LINE:
            if len(self._usual) >= _MAX_USUAL:
                self._usual.clear()
            self._usual.add(names)
            return [(names, row)]
        at, step, *values = row
        parts = [slice(start, start + MAX_VALUES_PER_LINE) for start in range(0, len(names), MAX_VALUES_PER_LINE)]
        return [(names[part], (at, step, *values[part])) for part in parts]

    def _without_excess(self, names: Names, row: Row) -> tuple[Names, Row]:
        """Return the names, and their values, that the file has room for."""
        kept = []
        for index, name in enumerate(names):
            if name in self._names or len(self._names) < MAX_HISTORY_NAMES:
                self._names.add(name)
                kept.append(index)
        if len(kept) == len(names):
            return names, row
        omitted = next(name for name in names if name not in self._names)
        self._warn(
            "history",
            f"the metrics history has {MAX_HISTORY_NAMES:,} names, which is its limit: {omitted!r} and "
            "further names are not recorded. Report fewer names",
        )
        at, step, *values = row
        return tuple(names[index] for index in kept), (at, step, *[values[index] for index in kept])

    def _check(self, error: OSError | None) -> None:
        if error is not None:
            self._warn("metrics", f"cannot write {self._file.path} ({error}); training continues")
