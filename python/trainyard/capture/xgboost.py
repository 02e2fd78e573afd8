"""Progress of ``xgboost.train``, which the scikit-learn interface calls too."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from trainyard.capture.collector import Collector
from trainyard.capture.guard import Guard
from trainyard.capture.patch import call_before
from trainyard.capture.protect import protect
from trainyard.capture.source_report import SourceReport

_DEFAULT_ROUNDS = 10


def patch(module: ModuleType, collector: Collector, guard: Guard) -> None:
    """Patch ``xgboost.training`` before the package exports its functions."""

    def add_callback(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        from trainyard.integrations.xgboost import TrainyardCallback

        callbacks = list(kwargs.get("callbacks") or [])
        if any(isinstance(callback, TrainyardCallback) for callback in callbacks):
            return None
        rounds = args[2] if len(args) > 2 else kwargs.get("num_boost_round", _DEFAULT_ROUNDS)
        callback = TrainyardCallback(SourceReport(collector, "xgboost"), rounds=rounds)
        return args, {**kwargs, "callbacks": [*callbacks, protect(callback, guard)]}

    call_before(module, "train", add_callback, guard)
