"""The lowest and the highest value of each metric of an attempt. Readers decide which of them is the best one."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import Any

from trainyard.reporter.metric_line import Row


def update_extremes(
    extremes: dict[str, dict[str, Any]], shown: Collection[str], names: Sequence[str], rows: Sequence[Row]
) -> None:
    """Update ``extremes`` of a status in place, without NaN and infinity.

    Args:
        shown: names of the metrics in the status; others are ignored.
        names: names of the values of each row.
        rows: the reports, in their order.
    """
    _times, _steps, *columns = zip(*rows, strict=True)
    for name, column in zip(names, columns, strict=True):
        known = extremes.get(name)
        # The common case, at every report. A NaN makes a comparison false, or is ignored by `min` and `max`.
        if known is not None and known["min"]["value"] <= min(column) and max(column) <= known["max"]["value"]:
            continue
        if name in shown:
            _update(extremes, name, rows, column)


def _update(extremes: dict[str, dict[str, Any]], name: str, rows: Sequence[Row], column: Sequence[float]) -> None:
    finite = [value for value in column if math.isfinite(value)]
    if not finite:
        return
    known = extremes.get(name)
    low, high = min(finite), max(finite)
    if known is None:
        extremes[name] = {"min": _point(rows, column, low), "max": _point(rows, column, high)}
        return
    if low < known["min"]["value"]:
        known["min"] = _point(rows, column, low)
    if high > known["max"]["value"]:
        known["max"] = _point(rows, column, high)


def _point(rows: Sequence[Row], column: Sequence[float], value: float) -> dict[str, Any]:
    """Return the first report with this value. Its time is that of the metrics file."""
    at, step = rows[column.index(value)][:2]
    return {"value": value, "step": step, "at": round(at, 6)}
