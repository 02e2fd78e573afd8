"""Lines of the metrics file, formatted much faster than by ``json``: a script may report every millisecond."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from itertools import chain
from typing import Any

Names = tuple[str, ...]
"""Names of the values of a report, in the order of the values."""

Row = tuple[Any, ...]
"""One report: Unix time in seconds, number of completed optimizer steps, then one value for each name."""

_MAX_FORMATS = 1_000  # sets of names whose format is remembered


def rows_by_names(names: Sequence[Names], rows: Sequence[Row]) -> list[tuple[Names, Sequence[Row]]]:
    """Group reports by their names. The group of the latest report is the last one.

    Args:
        names: the names of each row.
    """
    if names.count(names[0]) == len(names):  # the common case
        return [(names[0], rows)]
    groups: dict[Names, list[Row]] = {}
    for of_row, row in zip(names, rows, strict=True):
        groups.setdefault(of_row, []).append(row)
    return sorted(groups.items(), key=lambda group: group[1][-1][0])


class MetricLines:
    """Formats reports as lines of JSON. Remembers a format for each set of names."""

    def __init__(self) -> None:
        self._formats: dict[Names, str] = {}

    def lines(self, attempt: int, epoch: int | None, names: Sequence[Names], rows: Sequence[Row]) -> bytes:
        """Return a line for each row, with its newline.

        Args:
            attempt: number of the attempt, from 1.
            epoch: current epoch, from 1; None if unknown.
            names: the names of each row.
            rows: the reports. NaN and infinity become the texts "NaN", "Infinity" and "-Infinity".
        """
        start = f'{{"attempt":{attempt},"at":%.6f,"step":%d,"epoch":{epoch or "null"},"values":{{'
        formats = {each: start + (self._formats.get(each) or self._format(each)) for each in set(names)}
        numbers = tuple(chain.from_iterable(rows))
        if not math.isfinite(sum(numbers)):  # or the sum of finite numbers overflows
            numbers = tuple(chain.from_iterable([(*row[:2], *map(_as_json, row[2:])) for row in rows]))
        # One `%` for all lines: one for each costs a third more.
        return ("".join([formats[each] for each in names]) % numbers).encode()

    def _format(self, names: Names) -> str:
        if len(self._formats) >= _MAX_FORMATS:
            self._formats.clear()
        keys = [json.dumps(name).replace("%", "%%") for name in names]
        text = self._formats[names] = ",".join([f"{key}:%r" for key in keys]) + "}}\n"
        return text


class _Text:
    """Is formatted by ``%r`` as JSON text."""

    def __init__(self, text: str) -> None:
        self._json = json.dumps(text)

    def __repr__(self) -> str:
        return self._json


_NAN, _INFINITY, _MINUS_INFINITY = _Text("NaN"), _Text("Infinity"), _Text("-Infinity")


def _as_json(value: float) -> float | _Text:
    if math.isfinite(value):
        return value
    return _NAN if math.isnan(value) else _INFINITY if value > 0 else _MINUS_INFINITY
