"""Report a training of Transformers: ``Trainer(..., callbacks=[TrainyardCallback()])``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from transformers.trainer_callback import TrainerCallback

from trainyard.integrations.checkpoints import output_dir, remember_checkpoint
from trainyard.integrations.joint_stop import JointStop
from trainyard.integrations.report import Report, default_report, numbers
from trainyard.reporter.stop_requests import StopTraining

_NOT_METRICS = ("epoch", "step", "total_flos")
_TIMES = ("_runtime", "_per_second")


class TrainyardCallback(TrainerCallback):  # type: ignore[misc]
    """Reports steps, epochs and logged numbers. On a stop request, the trainer saves a checkpoint and ends.

    The checkpoint goes to the output folder of the job (``TRAINYARD_OUTPUT_DIR``). Several processes end after the same
    step; rank 0 reports.

    Args:
        report: default: the reporter for the job of this process.
    """

    def __init__(self, report: Report | None = None) -> None:
        self._report = report or default_report()
        self._stop = JointStop(self._report, processes=1)
        self.save_now: Callable[[], object] | None = None
        """Saves a checkpoint during an evaluation. Without it, a stop waits for the end of the evaluation."""
        self._has_begun = False
        self._is_stopping = False
        self._output_dir: str | None = None  # of the script, while the stop uses that of the job

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self._has_begun = True
        self._stop = JointStop(self._report, args.world_size)
        if state.is_world_process_zero:
            self._report.begin(total_steps=state.max_steps, epochs=state.num_train_epochs)

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if state.is_world_process_zero:
            self._report.log({}, step=state.global_step, epoch=_epoch(state))
        if not self._is_stopping and self._stop.is_due(state.global_step):
            self._begin_stop(args)
            control.should_save = True
            control.should_training_stop = True
            control.should_evaluate = False

    def on_epoch_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if self._is_stopping:  # a validation can take longer than the stop may, and the state is saved
            control.should_evaluate = control.should_save = False

    def on_prediction_step(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """End an evaluation or prediction during or after a training: a stop would wait for it.

        Raises:
            StopTraining: a stop was requested, and a checkpoint is saved. ``control`` says that the training ends.
        """
        if not (self._has_begun and self._stop.is_alone and self._report.should_stop):
            return
        if not self._is_stopping and self.save_now is not None:
            self._begin_stop(args)
            self.save_now()
            self.on_save(args, state, control)
        if self._is_stopping:
            control.should_training_stop = True
            control.should_evaluate = control.should_save = False
            raise StopTraining

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **kwargs: Any) -> None:
        if state.is_world_process_zero and logs:
            metrics = {
                name: value
                for name, value in numbers(logs).items()
                if name not in _NOT_METRICS and not name.endswith(_TIMES)
            }
            self._report.log(metrics, step=state.global_step, epoch=_epoch(state))

    def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if state.is_world_process_zero:
            path = Path(args.output_dir, f"checkpoint-{state.global_step}")
            remember_checkpoint("transformers", path, self._report)
        if self._output_dir is not None:
            args.output_dir, self._output_dir = self._output_dir, None

    def _begin_stop(self, args: Any) -> None:
        self._is_stopping = True
        folder = output_dir()
        if folder is not None:
            self._output_dir, args.output_dir = args.output_dir, str(folder)


def _epoch(state: Any) -> int | None:
    """Return the current epoch from 1; Transformers has a fraction of completed epochs."""
    if state.epoch is None:
        return None
    done = int(state.epoch)
    return max(1, done if done == state.epoch else done + 1)
