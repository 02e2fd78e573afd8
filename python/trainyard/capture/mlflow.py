"""Numbers that a script gives to ``mlflow.log_metric`` and ``mlflow.log_metrics``."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from trainyard.capture.collector import Collector
from trainyard.capture.guard import Guard
from trainyard.capture.logged_numbers import LoggedNumbers
from trainyard.capture.patch import call_after


def patch(module: ModuleType, collector: Collector, guard: Guard) -> None:
    """Patch ``mlflow.tracking.fluent`` before the package exports its functions."""
    numbers = LoggedNumbers(collector, "mlflow")

    def log_metric(key: str, value: Any, step: int | None = None, *args: Any, **kwargs: Any) -> None:
        numbers.see({key: value}, step)

    def log_metrics(metrics: dict[str, Any], step: int | None = None, *args: Any, **kwargs: Any) -> None:
        numbers.see(metrics, step)

    call_after(module, "log_metric", log_metric, guard)
    call_after(module, "log_metrics", log_metrics, guard)
