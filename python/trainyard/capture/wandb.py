"""Numbers that a script gives to ``wandb.log``."""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from trainyard.capture.collector import Collector
from trainyard.capture.guard import Guard
from trainyard.capture.logged_numbers import LoggedNumbers
from trainyard.capture.patch import call_after

_MAX_DEPTH = 5


def patch(module: ModuleType, collector: Collector, guard: Guard) -> None:
    """Patch ``wandb.sdk.wandb_run``. Without an account, runs are recorded on this machine."""
    if "WANDB_API_KEY" not in os.environ:
        os.environ.setdefault("WANDB_MODE", "offline")
    numbers = LoggedNumbers(collector, "wandb")

    def log(run: Any, data: dict[str, Any], step: int | None = None, *args: Any, **kwargs: Any) -> None:
        numbers.see(dict(_flat(data)), step)

    call_after(module.Run, "log", log, guard)


def _flat(data: Mapping[str, Any], prefix: str = "", depth: int = 0) -> list[tuple[str, Any]]:
    """Return the values of nested mappings, named as in ``train/loss``."""
    values: list[tuple[str, Any]] = []
    for name, value in data.items():
        if isinstance(value, Mapping) and depth < _MAX_DEPTH:
            values += _flat(value, f"{prefix}{name}/", depth + 1)
        else:
            values.append((f"{prefix}{name}", value))
    return values
