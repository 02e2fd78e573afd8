"""Warnings of a reporter on standard error, each topic once."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import Any

_MAX_WARNINGS = 100


class WarnOnce:
    """Prints a warning once per topic. Not thread-safe."""

    def __init__(self) -> None:
        self._topics: set[str] = set()

    def __call__(self, topic: str, text: str) -> None:
        """Print a warning, unless there was one of this topic."""
        if topic not in self._topics:
            self._topics.add(topic)
            with suppress(OSError):  # a broken standard error must not end the training
                print(f"trainyard: {text}.", file=sys.stderr)

    def without_none(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return ``values`` without those that are None, and warn of each name once."""
        if None not in values.values():
            return values
        for name, value in values.items():
            if value is None and len(self._topics) < _MAX_WARNINGS:
                self(f"none {name}", f"the metric {name[:128]!r} is None and is ignored: report it when it has a value")
        return {name: value for name, value in values.items() if value is not None}
