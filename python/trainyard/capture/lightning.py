"""Progress of the ``Trainer`` of Lightning, from ``lightning`` or ``pytorch_lightning``."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from trainyard.capture.collector import Collector
from trainyard.capture.guard import Guard
from trainyard.capture.patch import call_after, call_before
from trainyard.capture.protect import protect
from trainyard.capture.source_report import SourceReport

_CKPT_PATH = 5  # position of the argument in Trainer.fit, counted with self


def patch(module: ModuleType, collector: Collector, guard: Guard) -> None:
    """Patch ``<package>.trainer.trainer``: add the callback, and continue from the newest checkpoint of the job."""
    report = SourceReport(collector, "lightning")

    def add_callback(trainer: Any, *args: Any, **kwargs: Any) -> None:
        from trainyard.integrations.lightning_hooks import CallbackHooks

        collector.expect("lightning")
        if not any(isinstance(callback, CallbackHooks) for callback in trainer.callbacks):
            # The class of the same package, without importing the other one. First: checkpoint callbacks stay last.
            callback = type("TrainyardCallback", (CallbackHooks, module.Callback), {})
            trainer.callbacks.insert(0, protect(callback(report), guard))

    def continue_training(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        from trainyard.integrations.checkpoints import newest_checkpoint

        checkpoint = newest_checkpoint("lightning", report)
        if checkpoint is None or len(args) > _CKPT_PATH or kwargs.get("ckpt_path") is not None:
            return None
        return args, {**kwargs, "ckpt_path": str(checkpoint)}

    def remember(trainer: Any, filepath: Any, *args: Any, **kwargs: Any) -> None:
        from trainyard.integrations.checkpoints import remember_checkpoint

        if trainer.is_global_zero:
            remember_checkpoint("lightning", filepath, report)

    call_after(module.Trainer, "__init__", add_callback, guard)
    call_before(module.Trainer, "fit", continue_training, guard)
    call_after(module.Trainer, "save_checkpoint", remember, guard)
