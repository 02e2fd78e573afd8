"""Report a training of LightGBM: ``lightgbm.train(..., callbacks=[TrainyardCallback()])``."""

from __future__ import annotations

from typing import Any

from lightgbm.callback import CallbackEnv, EarlyStopException

from trainyard.integrations.checkpoints import numbered, output_dir, remember_checkpoint
from trainyard.integrations.report import Report, default_report


class TrainyardCallback:
    """Reports rounds and evaluation metrics, such as ``valid_0_l2``.

    On a stop request, saves ``model.txt`` in the output folder of the job and ends the training after the round.

    Args:
        report: default: the reporter for the job of this process.
        training: number of this training in a script that trains several models, from 1. The second one saves
            ``model-2.txt``.
    """

    def __init__(self, report: Report | None = None, *, training: int = 1) -> None:
        self._report = report or default_report()
        self._training = training
        self._has_begun = False
        self.order = 25  # after the evaluation is recorded (20), before early stopping may end the training (30)

    def __call__(self, env: CallbackEnv) -> None:
        if not self._has_begun:
            self._has_begun = True
            self._report.begin(total_steps=env.end_iteration)
        results: list[Any] = env.evaluation_result_list or []
        metrics = {f"{data}_{metric}": value for data, metric, value, *_ in results}
        self._report.log(metrics, step=env.iteration + 1)
        if not self._report.should_stop:
            return
        folder = output_dir()
        if folder is not None and hasattr(env.model, "save_model"):
            path = folder / f"{numbered('model', self._training)}.txt"
            env.model.save_model(path)
            remember_checkpoint(numbered("lightgbm", self._training), path, self._report)
        raise EarlyStopException(env.iteration, results)
