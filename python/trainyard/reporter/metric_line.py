"""Lines of the metrics file, formatted much faster than by ``json``: a script may report every millisecond."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

Row = tuple[float, int, Sequence[float]]
"""One report: Unix time in seconds, number of completed optimizer steps, one value for each name."""

NamedRow = tuple[tuple[str, ...], Row]
"""A report with the names of its values."""

_MAX_FORMATS = 1_000  # sets of names whose format is remembered


def rows_by_names(reports: Sequence[NamedRow]) -> list[tuple[tuple[str, ...], list[Row]]]:
    """Group reports by their names. The group of the latest report is the last one."""
    groups: dict[tuple[str, ...], list[Row]] = {}
    for names, row in reports:
        groups.setdefault(names, []).append(row)
    return sorted(groups.items(), key=lambda group: group[1][-1][0])


class MetricLines:
    """Formats reports as lines of JSON. Remembers a format for each set of names."""

    def __init__(self) -> None:
        self._formats: dict[tuple[str, ...], str] = {}

    def lines(self, attempt: int, epoch: int | None, rows: Sequence[NamedRow]) -> bytes:
        """Return a line for each row, with its newline.

        Args:
            attempt: number of the attempt, from 1.
            epoch: current epoch, from 1; None if unknown.
            rows: the reports. NaN and infinity become the texts "NaN", "Infinity" and "-Infinity".
        """
        start = f'{{"attempt":{attempt},"at":%.6f,"step":%d,"epoch":{epoch or "null"},"values":{{'
        formats = {
            names: start + (self._formats.get(names) or self._format(names)) for names in {row[0] for row in rows}
        }
        text = "".join([formats[names] % (at, step, *values) for names, (at, step, values) in rows])
        if "nan" in text or "inf" in text:  # in a value, or only in a name
            text = "".join([formats[names] % (at, step, *map(_as_json, values)) for names, (at, step, values) in rows])
        return text.encode()

    def _format(self, names: tuple[str, ...]) -> str:
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
