"""The lowest and the highest value of each metric of an attempt. Readers decide which of them is the best one."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import Any

from trainyard.metric_line import Row


def update_extremes(
    extremes: dict[str, dict[str, Any]], shown: Collection[str], names: Sequence[str], rows: Sequence[Row]
) -> None:
    """Update ``extremes`` of a status in place, without NaN and infinity.

    Args:
        shown: names of the metrics in the status; others are ignored.
        names: names of the values of each row.
        rows: the reports, in their order.
    """
    columns = zip(*(values for _, _, values in rows), strict=True)
    for name, column in zip(names, columns, strict=False):  # no columns if there are no names
        known = extremes.get(name)
        # The common case, at every report. A NaN makes a comparison false, or is ignored by `min` and `max`.
        if known is not None and known["min"]["value"] <= min(column) and max(column) <= known["max"]["value"]:
            continue
        if name in shown:
            for (at, step, _), value in zip(rows, column, strict=True):
                _update(extremes, name, value, step, at)


def _update(extremes: dict[str, dict[str, Any]], name: str, value: float, step: int, at: float) -> None:
    known = extremes.get(name)
    if not math.isfinite(value) or (known and known["min"]["value"] <= value <= known["max"]["value"]):
        return
    point = {"value": value, "step": step, "at": round(at, 6)}  # as in the metrics file
    if known is None:
        extremes[name] = {"min": point, "max": point}
    elif value < known["min"]["value"]:
        known["min"] = point
    else:
        known["max"] = point
