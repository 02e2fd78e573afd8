"""Let ``fit()`` of Lightning return after a stop, although its last validation is incomplete or left out."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from trainyard.reporter.stop_requests import StopTraining


def end_validation_early(trainer: Any) -> None:
    """Let ``StopTraining`` end a validation during the training without a result, and not ``fit()``.

    Callbacks and loggers see no end of such a validation: its metrics are those of a part of the data.

    Args:
        trainer: its training has started.
    """
    loop = trainer.fit_loop.epoch_loop.val_loop
    run = type(loop).run

    def run_until_stop(*args: Any, **kwargs: Any) -> Any:
        try:
            return run(loop, *args, **kwargs)
        except StopTraining:
            if not trainer.should_stop:
                raise
            with suppress(AttributeError):  # another version of Lightning
                loop._on_evaluation_model_train()
            return []

    loop.run = run_until_stop


def excuse_monitors(trainer: Any, *, is_saved: bool) -> None:
    """Let callbacks and schedulers accept that there is no validation, whose metric they may monitor.

    In the first epoch, ``EarlyStopping`` and ``ReduceLROnPlateau`` raise an exception if their metric is missing, and
    so does ``ModelCheckpoint`` after the last step of the epoch.

    Args:
        is_saved: whether the current step is saved, so that ``ModelCheckpoint`` has nothing left to save.
    """
    for callback in trainer.callbacks:
        if hasattr(callback, "monitor") and hasattr(callback, "strict"):
            callback.strict = False
        if is_saved and hasattr(callback, "_last_global_step_saved"):
            callback._last_global_step_saved = trainer.global_step
    for config in trainer.lr_scheduler_configs:
        config.strict = False
