"""Progress of the ``Trainer`` of Transformers, and of trainers derived from it."""

from __future__ import annotations

from functools import wraps
from types import ModuleType
from typing import Any

from trainyard.capture.collector import Collector
from trainyard.capture.guard import Guard
from trainyard.capture.patch import call_before
from trainyard.capture.protect import protect
from trainyard.capture.source_report import SourceReport
from trainyard.reporter.stop_requests import StopTraining


def patch(module: ModuleType, collector: Collector, guard: Guard) -> None:
    """Patch ``transformers.trainer``: add the callback, and continue from the newest checkpoint of the job."""
    report = SourceReport(collector, "transformers")

    def expect(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        collector.expect("transformers")

    def add_callback(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        from trainyard.integrations.transformers import TrainyardCallback

        trainer = args[0]
        handler = trainer.callback_handler
        if not any(isinstance(callback, TrainyardCallback) for callback in handler.callbacks):
            handler.add_callback(protect(TrainyardCallback(report), guard))
        for callback in handler.callbacks:
            if isinstance(callback, TrainyardCallback):
                callback.save_now = lambda: trainer._save_checkpoint(trainer.model, trial=None)

    def prepare_training(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        from trainyard.integrations.checkpoints import newest_checkpoint

        add_callback(args, kwargs)
        checkpoint = newest_checkpoint("transformers", report)
        if checkpoint is None or len(args) > 1 or kwargs.get("resume_from_checkpoint") is not None:
            return None
        return args, {**kwargs, "resume_from_checkpoint": str(checkpoint)}

    # At the start of a training, not in DEFAULT_CALLBACKS: only then is it known whether the script adds it itself.
    call_before(module.Trainer, "__init__", expect, guard)
    call_before(module.Trainer, "train", prepare_training, guard)
    call_before(module.Trainer, "evaluate", add_callback, guard)
    _end_validation_early(module.Trainer)


def _end_validation_early(trainer_class: Any) -> None:
    """Let a stop end a validation during the training without a result, and not ``train()``."""
    original = getattr(trainer_class, "_maybe_log_save_evaluate", None)
    if original is None:  # another version of Transformers: the stop ends `train()`
        return

    @wraps(original)
    def log_save_evaluate(trainer: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return original(trainer, *args, **kwargs)
        except StopTraining:
            if not trainer.control.should_training_stop:
                raise
            return None

    trainer_class._maybe_log_save_evaluate = log_save_evaluate
