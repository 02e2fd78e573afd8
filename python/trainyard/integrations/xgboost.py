"""Report a training of XGBoost: ``xgboost.train(..., callbacks=[TrainyardCallback(rounds=100)])``."""

from __future__ import annotations

from typing import Any

from xgboost.callback import TrainingCallback

from trainyard.integrations.checkpoints import numbered, output_dir, remember_checkpoint
from trainyard.integrations.report import Report, default_report


class TrainyardCallback(TrainingCallback):  # type: ignore[misc]
    """Reports rounds and evaluation metrics, such as ``train_rmse``.

    Rounds of a model that the training continues (``xgb_model``) count. On a stop request, saves ``model.ubj`` in the
    output folder of the job and ends the training after the round.

    Args:
        report: default: the reporter for the job of this process.
        rounds: number of boosting rounds, for the percentage; XGBoost does not pass it to callbacks. Default: unknown.
        training: number of this training in a script that trains several models, from 1. The second one saves
            ``model-2.ubj``.
    """

    def __init__(self, report: Report | None = None, *, rounds: int | None = None, training: int = 1) -> None:
        super().__init__()
        self._report = report or default_report()
        self._rounds = rounds
        self._training = training
        self._earlier = 0  # rounds of the model that the training continues

    def before_training(self, model: Any) -> Any:
        self._earlier = model.num_boosted_rounds()
        self._report.begin(total_steps=None if self._rounds is None else self._earlier + self._rounds)
        return model

    def after_iteration(self, model: Any, epoch: int, evals_log: dict[str, dict[str, list[Any]]]) -> bool:
        metrics = {
            f"{data}_{metric}": values[-1]
            for data, by_metric in evals_log.items()
            for metric, values in by_metric.items()
            if not isinstance(values[-1], tuple)  # mean and deviation of a cross-validation
        }
        self._report.log(metrics, step=self._earlier + epoch + 1)
        if not self._report.should_stop:
            return False
        folder = output_dir()
        if folder is not None:
            path = folder / f"{numbered('model', self._training)}.ubj"
            model.save_model(path)
            remember_checkpoint(numbered("xgboost", self._training), path, self._report)
        return True
