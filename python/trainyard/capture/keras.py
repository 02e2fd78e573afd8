"""Progress of ``Model.fit`` of Keras 3."""

from __future__ import annotations

import inspect
import math
from types import ModuleType
from typing import Any

from trainyard.capture.collector import Collector
from trainyard.capture.guard import Guard
from trainyard.capture.patch import call_before, replace_result
from trainyard.capture.protect import protect
from trainyard.capture.source_report import SourceReport


def patch(module: ModuleType, collector: Collector, guard: Guard) -> None:
    """Patch ``keras.src.models.model``: add the callback, and a backup for later attempts of the job."""
    report = SourceReport(collector, "keras")
    fits = 0

    def expect(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        collector.expect("keras")

    def add_callbacks(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        nonlocal fits
        import keras

        from trainyard.integrations.checkpoints import output_dir
        from trainyard.integrations.keras import TrainyardBackup, TrainyardCallback
        from trainyard.integrations.keras_backup import keep_backup

        if not report.active:
            return None
        bound = signature.bind(*args, **kwargs)
        given: Any = bound.arguments.get("callbacks") or []
        is_list = isinstance(given, keras.callbacks.CallbackList)
        callbacks = list(given.callbacks if is_list else given if isinstance(given, (list, tuple)) else [given])
        added: list[Any] = []
        if not any(isinstance(callback, TrainyardCallback) for callback in callbacks):
            added.append(protect(TrainyardCallback(report), guard))
        fits += 1
        folder = output_dir()
        backups = [callback for callback in callbacks if isinstance(callback, keras.callbacks.BackupAndRestore)]
        for backup in backups:
            if not isinstance(backup, TrainyardBackup):
                keep_backup(backup, report)
        if folder is not None and not backups and not bound.arguments.get("initial_epoch"):
            added.append(protect(TrainyardBackup(folder / f"backup-{fits}", report), guard))
        if is_list:
            for callback in added:
                given.append(callback)
        else:
            bound.arguments["callbacks"] = [*callbacks, *added]
        return bound.args, bound.kwargs

    def end_after_stop(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Raise StopTraining if the script evaluates after a stopped training: a stop would wait for it."""
        from trainyard.reporter.stop_requests import StopTraining

        if fits > 0 and not _is_validation(kwargs) and report.should_stop:
            raise StopTraining

    def invalidate(result: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Return NaN for the metrics of a validation that a stop has ended: a part of the data says nothing.

        The best model of ``ModelCheckpoint`` would be chosen by them. Names stay, because scripts read the history.
        """
        is_partial = _is_validation(kwargs) and isinstance(result, dict) and report.active and report.should_stop
        return dict.fromkeys(result, math.nan) if is_partial else result

    signature = inspect.signature(module.Model.fit)
    call_before(module.Model, "compile", expect, guard)
    call_before(module.Model, "fit", add_callbacks, guard)
    call_before(module.Model, "evaluate", end_after_stop, guard)
    call_before(module.Model, "predict", end_after_stop, guard)
    replace_result(module.Model, "evaluate", invalidate, guard)


def _is_validation(kwargs: dict[str, Any]) -> bool:
    """Whether ``evaluate`` is called by ``fit``."""
    return bool(kwargs.get("_use_cached_eval_dataset", False))
