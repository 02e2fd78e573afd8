"""Lines of the metrics file, formatted much faster than by ``json``: a script may report every millisecond."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence

Row = tuple[float, int, Iterable[float]]
"""One report: Unix time in seconds, number of completed optimizer steps, one value for each name."""

_MAX_FORMATS = 1_000  # sets of names whose format is remembered


class MetricLines:
    """Formats reports as lines of JSON. Remembers a format for each set of names."""

    def __init__(self) -> None:
        self._formats: dict[tuple[str, ...], str] = {}

    def line(self, attempt: int, at: float, step: int, epoch: int | None, values: Mapping[str, float]) -> bytes:
        """Return one line, with its newline: see ``lines``."""
        return self.lines(attempt, epoch, tuple(values), [(at, step, values.values())])

    def lines(self, attempt: int, epoch: int | None, names: tuple[str, ...], rows: Sequence[Row]) -> bytes:
        """Return a line for each row, with its newline.

        Args:
            attempt: number of the attempt, from 1.
            epoch: current epoch, from 1; None if unknown.
            names: names of the values of each row.
            rows: the reports. NaN and infinity become the texts "NaN", "Infinity" and "-Infinity".
        """
        start = f'{{"attempt":{attempt},"at":%.6f,"step":%d,"epoch":{epoch or "null"},"values":{{'
        line = start + (self._formats.get(names) or self._format(names))
        text = "".join([line % (at, step, *map(repr, values)) for at, step, values in rows])
        if "nan" in text or "inf" in text:  # in a value, or only in a name
            text = "".join([line % (at, step, *map(_text, values)) for at, step, values in rows])
        return text.encode()

    def _format(self, names: tuple[str, ...]) -> str:
        if len(self._formats) >= _MAX_FORMATS:
            self._formats.clear()
        keys = [json.dumps(name).replace("%", "%%") for name in names]
        text = self._formats[names] = ",".join([f"{key}:%s" for key in keys]) + "}}\n"
        return text


def _text(value: float) -> str:
    if math.isfinite(value):
        return repr(value)
    return '"NaN"' if math.isnan(value) else '"Infinity"' if value > 0 else '"-Infinity"'
