"""Report a training of Keras 3: ``model.fit(..., callbacks=[TrainyardCallback()])``."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

import keras

from trainyard.integrations.checkpoints import output_dir, remember_checkpoint
from trainyard.integrations.keras_backup import TrainyardBackup
from trainyard.integrations.report import Report, default_report

__all__ = ["TrainyardBackup", "TrainyardCallback"]

_INTERVAL = 0.25  # minimum seconds between two reports of metrics at batches


class TrainyardCallback(keras.callbacks.Callback):  # type: ignore[misc]
    """Reports batches as steps, epochs and metrics.

    On a stop request, saves ``model.keras`` in the output folder of the job and ends the training after the batch.

    Args:
        report: default: the reporter for the job of this process.
    """

    def __init__(self, report: Report | None = None) -> None:
        super().__init__()
        self._report = report or default_report()
        self._epoch = 0  # from 0, as Keras counts
        self._steps: int | None = None  # of an epoch
        self._due = 0.0
        self._has_begun = False
        self._is_stopping = False

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._has_begun = True
        self._steps = self.params.get("steps")
        self._begin()

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._epoch = epoch

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        now = time.monotonic()
        is_due = now >= self._due
        if is_due:
            self._due = now + _INTERVAL
        self._report.log(logs or {} if is_due else {}, step=self._step(batch + 1), epoch=self._epoch + 1)
        if self._report.should_stop:
            self._stop_training()

    def on_test_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        if self._has_begun and self._report.should_stop:
            self._stop_training()
            self.model.stop_evaluating = True  # a stop would wait for the validation

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if not self._is_stopping:
            self._report.log(logs or {}, step=self._step(self._steps or 0), epoch=epoch + 1)

    def _begin(self) -> None:
        epochs = self.params.get("epochs")
        total = epochs * self._steps if epochs and self._steps else None
        self._report.begin(total_steps=total, epochs=epochs)

    def _step(self, batches: int) -> int:
        if self._steps is None:
            return self._epoch + 1  # batches are not counted if their number is unknown
        return self._epoch * self._steps + batches

    def _stop_training(self) -> None:
        if not self._is_stopping:
            self._is_stopping = True
            self._save()
            self.model.stop_training = True

    def _save(self) -> None:
        folder = output_dir()
        if folder is None or not self._report.active:
            return
        path = folder / "model.keras"
        with suppress(NotImplementedError, ValueError, TypeError):  # a model of a class that cannot be serialized
            self.model.save(path)
            remember_checkpoint("keras", path, self._report)
