"""Progress of ``lightgbm.train``, which the scikit-learn interface calls too."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from trainyard.capture.collector import Collector
from trainyard.capture.guard import Guard
from trainyard.capture.patch import call_before
from trainyard.capture.protect import protected
from trainyard.capture.source_report import SourceReport

_CALLBACKS = 8  # position of the argument in train


def patch(module: ModuleType, collector: Collector, guard: Guard) -> None:
    """Patch ``lightgbm.engine`` before the package exports its functions."""

    def add_callback(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        from lightgbm.callback import EarlyStopException

        from trainyard.integrations.lightgbm import TrainyardCallback

        if len(args) > _CALLBACKS:
            return None
        callbacks = list(kwargs.get("callbacks") or [])
        if any(isinstance(callback, TrainyardCallback) for callback in callbacks):
            return None
        callback = TrainyardCallback(SourceReport(collector, "lightgbm"))
        call = protected(callback.__call__, guard, passed=(EarlyStopException,))
        call.order = callback.order
        return args, {**kwargs, "callbacks": [*callbacks, call]}

    call_before(module, "train", add_callback, guard)
