"""Progress of a job: percent done and estimated seconds left."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def percent_done(status: Mapping[str, Any]) -> float:
    """Return 0 to 100, from steps, or from completed epochs if the total number of steps is unknown.

    A completed job is always at 100.
    """
    if status["status"] == "COMPLETED":
        return 100.0
    done = 0.0
    if status["total_steps"]:
        done = status["step"] / status["total_steps"]
    elif status["epochs"]:
        done = (status["epoch"] - 1) / status["epochs"]
    return round(100 * min(1.0, max(0.0, done)), 2)


def seconds_left(status: Mapping[str, Any], steps_per_second: float | None) -> float | None:
    """Return the estimated seconds until the last step; None if unknown or if the job is not running."""
    if status["status"] != "RUNNING" or not status["total_steps"] or not steps_per_second:
        return None
    steps_left: int = max(0, status["total_steps"] - status["step"])
    return round(steps_left / steps_per_second, 3)
