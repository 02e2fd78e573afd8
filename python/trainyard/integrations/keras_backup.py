"""Backups of Keras 3, from which ``fit()`` continues in a later attempt of the job."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import keras

from trainyard.integrations.checkpoints import output_dir
from trainyard.integrations.report import Report, default_report

_SECONDS_BETWEEN_BACKUPS = 30.0


class TrainyardBackup(keras.callbacks.BackupAndRestore):  # type: ignore[misc]
    """Lets a later attempt of the job continue this training: its weights, optimizer and epoch.

    Backs up at a stop request, and at the end of an epoch at most every 30 s. An epoch that a stop interrupts is
    repeated. A training that completes deletes its backup. Place it after ``TrainyardCallback``.

    Args:
        folder: a folder for this training alone.
        report: default: the reporter for the job of this process.
    """

    def __init__(self, folder: Path, report: Report | None = None) -> None:
        super().__init__(str(folder))
        self._report = report or default_report()
        self._saved_at = time.monotonic()
        self._is_complete = False

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        if self._report.attempt > 1:
            super().on_train_begin(logs)

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._current_epoch = epoch
        self._is_complete = False

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self._is_complete = batch + 1 == self.params.get("steps")

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        is_interrupted = self._report.should_stop and not self._is_complete
        self._current_epoch = epoch if is_interrupted else epoch + 1
        now = time.monotonic()
        if self._report.should_stop or now - self._saved_at >= _SECONDS_BETWEEN_BACKUPS:
            self._saved_at = now
            self._save_model()
            report_backup(self.backup_dir, self._report)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        if not self._report.should_stop:
            super().on_train_end(logs)


def keep_backup(backup: Any, report: Report) -> None:
    """Let a later attempt continue from a ``BackupAndRestore`` of the script, which deletes it at the end of ``fit()``.

    After a stop, the backup stays. An epoch that the stop interrupts is repeated; Keras would count it as completed.

    Args:
        backup: changed in place, once.
    """
    if hasattr(backup, "kept_by_trainyard"):
        return
    backup.kept_by_trainyard = True
    batch_end, epoch_end, train_end = backup.on_train_batch_end, backup.on_epoch_end, backup.on_train_end
    is_complete = False

    def on_train_batch_end(batch: int, logs: dict[str, Any] | None = None) -> None:
        nonlocal is_complete
        is_complete = batch + 1 == backup.params.get("steps")
        batch_end(batch, logs)

    def on_epoch_end(epoch: int, logs: dict[str, Any] | None = None) -> None:
        epoch_end(epoch if is_complete or not report.should_stop else epoch - 1, logs)
        report_backup(backup.backup_dir, report)

    def on_train_end(logs: dict[str, Any] | None = None) -> None:
        if not report.should_stop:
            train_end(logs)

    backup.on_train_batch_end, backup.on_epoch_end, backup.on_train_end = on_train_batch_end, on_epoch_end, on_train_end


def report_backup(folder: str, report: Report) -> None:
    """Report a backup as the checkpoint, unless a stop has saved the whole model, which is one file for any program."""
    output = output_dir()
    if report.should_stop and output is not None and (output / "model.keras").is_file():
        return
    with suppress(OSError, ValueError):  # it does not exist yet, or is outside the home folder
        report.checkpoint(Path(folder).absolute())
