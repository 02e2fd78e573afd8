"""The Lightning callback and logger without their base class, because two packages provide it."""

from __future__ import annotations

import signal
import threading
import time
from argparse import Namespace
from collections.abc import Mapping
from typing import Any

from trainyard.integrations.checkpoints import output_dir, remember_checkpoint
from trainyard.integrations.joint_stop import JointStop
from trainyard.integrations.lightning_end import end_validation_early, excuse_monitors
from trainyard.integrations.report import Report, default_report, numbers, takes_part
from trainyard.reporter.stop_requests import StopTraining

_INTERVAL = 0.25  # minimum seconds between two readings of metrics at steps: a reading waits for the GPU


class CallbackHooks:
    """Reports steps, epochs and metrics. On a stop request, saves a checkpoint and ends the training.

    The checkpoint is ``last.ckpt`` in the output folder of the job (``TRAINYARD_OUTPUT_DIR``). Several processes end
    after the same step; rank 0 reports.

    Args:
        report: default: the reporter for the job of this process.
    """

    def __init__(self, report: Report | None = None) -> None:
        super().__init__()
        self._report = report or default_report()
        self._stop = JointStop(self._report, processes=1)
        self._due = 0.0
        self._logged: dict[str, float] = {}  # at the end of an epoch or validation
        self._logged_at: int | None = None  # step
        self._has_begun = False
        self._is_stopping = False

    def on_train_start(self, trainer: Any, pl_module: Any) -> None:
        self._has_begun = True
        self._keep_stop_signal(trainer)
        end_validation_early(trainer)
        for logger in trainer.loggers:
            if isinstance(logger, LoggerHooks):
                logger.leave_to_callback()
        self._stop = JointStop(self._report, trainer.world_size)
        if not trainer.is_global_zero:
            return
        total = trainer.estimated_stepping_batches
        epochs = trainer.max_epochs
        self._report.begin(
            total_steps=int(total) if total != float("inf") and total > 0 else None,
            epochs=epochs if epochs is not None and epochs > 0 else None,
        )

    def on_train_batch_end(self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        if trainer.is_global_zero:
            self._log_step(trainer)
        self._stop_if_requested(trainer)

    def on_validation_batch_end(self, trainer: Any, *args: Any, **kwargs: Any) -> None:
        if not trainer.sanity_checking:
            self._end_evaluation(trainer)

    def on_test_batch_end(self, trainer: Any, *args: Any, **kwargs: Any) -> None:
        self._end_evaluation(trainer)

    def on_predict_batch_end(self, trainer: Any, *args: Any, **kwargs: Any) -> None:
        self._end_evaluation(trainer)

    def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
        self._log_all(trainer)

    def on_validation_end(self, trainer: Any, pl_module: Any) -> None:
        if not trainer.sanity_checking:
            self._log_all(trainer)

    def on_test_end(self, trainer: Any, pl_module: Any) -> None:
        self._log_all(trainer)

    def _log_step(self, trainer: Any) -> None:
        now = time.monotonic()
        metrics = {}
        if now >= self._due:
            self._due = now + _INTERVAL
            # Those of the last validation are still there, but do not belong to this step.
            metrics = {name: value for name, value in _metrics(trainer).items() if self._logged.get(name) != value}
        self._report.log(metrics, step=trainer.global_step, epoch=trainer.current_epoch + 1)

    def _log_all(self, trainer: Any) -> None:
        if trainer.is_global_zero:
            step, before = trainer.global_step, self._logged
            self._logged = _metrics(trainer)
            # A validation and its epoch end at the same step: the second call reports only what has changed.
            is_repeated = step == self._logged_at
            self._logged_at = step
            known = before if is_repeated else {}
            metrics = {name: value for name, value in self._logged.items() if known.get(name) != value}
            self._report.log(metrics, step=step, epoch=trainer.current_epoch + 1)

    def _end_evaluation(self, trainer: Any) -> None:
        """End a validation, test or prediction during or after a training: a stop would wait for it.

        Raises:
            StopTraining: a stop was requested. During a training, it ends the validation only.
        """
        if self._has_begun and self._stop.is_alone and self._report.should_stop:
            if trainer.state.fn == "fit":
                self._stop_if_requested(trainer)
            raise StopTraining

    def _stop_if_requested(self, trainer: Any) -> None:
        if self._is_stopping or not self._stop.is_due(trainer.global_step):
            return
        self._is_stopping = True
        folder = output_dir()
        if folder is not None:
            path = folder / "last.ckpt"
            trainer.save_checkpoint(path)
            remember_checkpoint("lightning", path, self._report)
        excuse_monitors(trainer, is_saved=folder is not None)
        # A stop request outranks the minimum length of a training. Lightning would also validate before it ends.
        trainer.fit_loop.min_epochs = trainer.fit_loop.epoch_loop.min_steps = None
        trainer.limit_val_batches = 0
        trainer.should_stop = True

    def _keep_stop_signal(self, trainer: Any) -> None:
        """Undo Lightning's handler for SIGTERM, which ends the script with an exception and without a checkpoint."""
        if not takes_part(self._report) or threading.current_thread() is not threading.main_thread():
            return
        connector = getattr(trainer, "_signal_connector", None)
        original = getattr(connector, "_original_handlers", {}).get(signal.SIGTERM)
        if callable(original):
            signal.signal(signal.SIGTERM, original)


class LoggerHooks:
    """Reports what a ``LightningModule`` logs. Reports nothing next to the callback, which reports the same numbers.

    Args:
        report: default: the reporter for the job of this process.
    """

    def __init__(self, report: Report | None = None) -> None:
        super().__init__()
        self._report = report or default_report()
        self._is_silent = False

    @property
    def name(self) -> str:
        return "trainyard"

    @property
    def version(self) -> str:
        return str(self._report.attempt)

    @property
    def save_dir(self) -> str | None:
        """The output folder of the job, where Lightning then saves checkpoints; None outside a job."""
        folder = output_dir()
        return None if folder is None else str(folder)

    def leave_to_callback(self) -> None:
        """Report nothing from now on."""
        self._is_silent = True

    def log_metrics(self, metrics: Mapping[str, Any], step: int | None = None) -> None:
        if self._is_silent:
            return
        values = numbers(metrics)
        epoch = values.pop("epoch", None)
        self._report.log(values, step=step, epoch=None if epoch is None else int(epoch) + 1)

    def log_hyperparams(self, params: dict[str, Any] | Namespace, *args: Any, **kwargs: Any) -> None:
        """Do nothing: the job already has its options."""


def _metrics(trainer: Any) -> dict[str, float]:
    """Return the newest metrics. Of a name that is logged for steps and epochs, only the plain name is kept."""
    values = numbers(trainer.callback_metrics)
    return {
        name: value
        for name, value in values.items()
        if not (name.endswith(("_step", "_epoch")) and name.rpartition("_")[0] in values)
    }
