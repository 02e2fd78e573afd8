"""Save the training state and the model of a training."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from trainyard.files import Home
from trainyard.reporter.reporter import Reporter
from trainyard.trainers.tabular.checkpoint import save_checkpoint
from trainyard.trainers.tabular.options import Options
from trainyard.trainers.tabular.save_schedule import SaveSchedule
from trainyard.trainers.tabular.schema import ModelSchema
from trainyard.trainers.tabular.training_state import state_path, write_state


class Saving:
    """The files of a training, and when they are written.

    Args:
        checkpoint: the model; the training state is the file next to it.
    """

    def __init__(self, checkpoint: Path, options: Options, report: Reporter) -> None:
        self._checkpoint, self._report = checkpoint, report
        self._staging = Home(checkpoint.parent.parent).staging
        self._schedule = SaveSchedule(options.checkpoint_every_seconds, options.checkpoint_every_epochs)
        self._error = ""  # of the latest save, already logged

    def save_if_due(self, completed_epoch: int | None, save: Callable[[], None]) -> None:
        """Call `save` if a save is due. An error, such as a full disk, is logged once and retried later.

        Args:
            completed_epoch: the epoch that the latest step completed, or None.
        """
        if not self._schedule.is_due(completed_epoch):
            return
        problem = ""
        with self._schedule.saving():
            try:
                save()
            except OSError as error:
                problem = str(error)
        if problem and not self._error:
            print(f"Cannot save the training state ({problem}); training continues and retries later.")
        self._error = problem

    def save_state(self, state: Mapping[str, Any]) -> None:
        """Save everything that a later attempt needs to continue. Raises OSError if the file cannot be written."""
        self._report.flush()
        write_state(state_path(self._checkpoint), self._staging, state)

    def save_model(self, schema: ModelSchema, weights: dict[str, Tensor], details: dict[str, Any]) -> None:
        """Save a model, and report the checkpoint. Raises OSError if a file cannot be written."""
        save_checkpoint(self._checkpoint, self._staging, schema, weights, details)
        self._report.checkpoint(self._checkpoint)
