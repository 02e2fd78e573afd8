"""Limits on a status file. Readers reject files above 1 MiB, and would then miss the end of a job."""

from __future__ import annotations

import json
from collections.abc import Mapping

MAX_NAMES = 500
"""Maximum number of metrics in a status file."""

MAX_VALUES_PER_LINE = 1_000
"""Maximum number of values in a line of the metrics file; keeps the line below 1 MiB for any names."""

MAX_HISTORY_NAMES = 10_000
"""Maximum number of metrics in the metrics file. Readers ignore further ones."""

MAX_HISTORY_BYTES = 1 << 30
"""Maximum size of the metrics file: 10 million reports. Readers keep a part of it in memory."""

MAX_GOALS = 100
"""Maximum number of names and prefixes with a goal."""

_MAX_NAME_BYTES = 128 * 1024  # total size of all names as JSON; each name occurs twice in the file
_NAMED = 3  # number of metrics that the warning names
_MAX_CHARACTERS = {"message": 2_000, "device": 128}  # readers have the same limits


class StatusMetrics:
    """Selects the metrics in the status: ``loss``, and the first other names that fit."""

    def __init__(self) -> None:
        self._shown = {"loss"}  # always shown, even if it is reported late
        self._bytes = 0

    def split(self, numbers: Mapping[str, float]) -> tuple[dict[str, float], list[str]]:
        """Return the metrics of a report for the status, and the names of the omitted ones."""
        if numbers.keys() <= self._shown:  # the common case, at every report
            return dict(numbers), []
        shown = {name: number for name, number in numbers.items() if name in self._shown or self._add(name)}
        return shown, [name for name in numbers if name not in shown]

    def _add(self, name: str) -> bool:
        size = len(json.dumps(name))
        if len(self._shown) == MAX_NAMES or self._bytes + size > _MAX_NAME_BYTES:
            return False
        self._shown.add(name)
        self._bytes += size
        return True


def omitted_metrics_warning(names: list[str]) -> str:
    """Return the warning that the status omits these metrics."""
    some = ", ".join(repr(name) for name in names[:_NAMED])
    return (
        f"the status omits {len(names)} of the metrics, such as {some}: its limit is {MAX_NAMES} names. "
        "The metrics history contains all values: read them with Job.metrics(names: [...]), "
        "or report fewer names to see them live"
    )


def short_text(key: str, text: object) -> str:
    """Truncate ``text`` to the limit of the status key ``message`` or ``device``."""
    return str(text)[: _MAX_CHARACTERS[key]]
