"""Interrupt a training in the process of the test at an exact step."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

from trainyard.reporter import Reporter


def at_step(step: int, happens: Callable[[], object]) -> Callable[..., Reporter]:
    """A reporter that calls `happens` after it has reported this step."""

    class Interrupted(Reporter):
        def step(self, step: int, *arguments: Any, **numbers: Any) -> None:
            super().step(step, *arguments, **numbers)
            if step == interrupted_at:
                happens()

    interrupted_at = step
    return Interrupted


def stop() -> None:
    os.kill(os.getpid(), signal.SIGTERM)
