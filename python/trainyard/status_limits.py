"""What fits into a status file: readers refuse one over 1 MiB, and with it the end of a training that finished."""

from __future__ import annotations

import json
from collections.abc import Mapping

MAX_NAMES = 500
"""Metrics in a status file; readers take no more."""

MAX_VALUES_PER_LINE = 1_000
"""Values in one line of the metrics file: with names of any kind it stays below the 1 MiB that readers accept."""

_MAX_NAME_BYTES = 128 * 1024  # of all names as JSON; each stands in the file twice
_NAMED = 3  # metrics that the sentence about the limit names
_MAX_CHARACTERS = {"message": 2_000, "device": 128}  # readers cut the same


class StatusMetrics:
    """Which metrics the status shows: ``loss``, and the names that came first, as many as fit."""

    def __init__(self) -> None:
        self._shown = {"loss"}  # whenever it comes
        self._bytes = 0

    def split(self, numbers: Mapping[str, float]) -> tuple[dict[str, float], list[str]]:
        """The metrics of a report that the status shows, and the names of the others."""
        shown = {name: number for name, number in numbers.items() if name in self._shown or self._add(name)}
        return shown, [name for name in numbers if name not in shown]

    def _add(self, name: str) -> bool:
        size = len(json.dumps(name))
        if len(self._shown) == MAX_NAMES or self._bytes + size > _MAX_NAME_BYTES:
            return False
        self._shown.add(name)
        self._bytes += size
        return True


def left_out_sentence(names: list[str]) -> str:
    """What to tell people whose metrics are not all in the status."""
    some = ", ".join(repr(name) for name in names[:_NAMED])
    return (
        f"the status has no room for {len(names)} of the metrics, such as {some}: it shows {MAX_NAMES} names at most. "
        "All values are in the metrics history: read them with Job.metrics(names: [...]), "
        "or report fewer names to see them live"
    )


def short_text(key: str, text: object) -> str:
    """``text`` for the status key ``message`` or ``device``, no longer than readers take it."""
    return str(text)[: _MAX_CHARACTERS[key]]
