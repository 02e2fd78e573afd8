"""Count steps that printed lines do not name completely."""

from __future__ import annotations

from collections.abc import Iterable

_MAX_NAMES = 1_000


class BatchCount:
    """Steps of the whole job from batches of epochs of unknown length."""

    def __init__(self) -> None:
        self._before = 0  # batches of earlier epochs
        self._epoch: int | None = None
        self._batch = 0

    def see(self, epoch: int, batch: int) -> int:
        """Return the step. A batch that is not higher than the last one of the epoch before is counted in its epoch."""
        if epoch != self._epoch and batch <= self._batch:
            self._before += self._batch
        self._epoch, self._batch = epoch, batch
        return self._before + batch


class ValueCount:
    """Steps of a script that prints neither epochs nor batches: earlier values of the same metric."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._has_counted = False

    def see(self, names: Iterable[str]) -> int | None:
        """Return the step of a line with metrics; None for the first one, which may be the only one."""
        name = next(iter(names), None)
        if name is None or (name not in self._counts and len(self._counts) >= _MAX_NAMES):
            return None
        count = self._counts.get(name, 0)
        self._counts[name] = count + 1
        self._has_counted = self._has_counted or count > 0
        return count or None

    def end(self) -> bool:
        """End the count, because a line names an epoch or a batch. Returns whether there were steps."""
        had_counted, self._has_counted = self._has_counted, False
        return had_counted
