"""Report a training of XGBoost: ``xgboost.train(..., callbacks=[TrainyardCallback(rounds=100)])``."""

from __future__ import annotations

from typing import Any

from xgboost.callback import TrainingCallback

from trainyard.integrations.checkpoints import output_dir, remember_checkpoint
from trainyard.integrations.report import Report, default_report


class TrainyardCallback(TrainingCallback):  # type: ignore[misc]
    """Reports rounds and evaluation metrics, such as ``train_rmse``.

    On a stop request, saves ``model.ubj`` in the output folder of the job and ends the training after the round.

    Args:
        report: default: the reporter for the job of this process.
        rounds: number of boosting rounds, for the percentage; XGBoost does not tell it to callbacks. Default: unknown.
    """

    def __init__(self, report: Report | None = None, *, rounds: int | None = None) -> None:
        super().__init__()
        self._report = report or default_report()
        self._rounds = rounds

    def before_training(self, model: Any) -> Any:
        self._report.begin(total_steps=self._rounds)
        return model

    def after_iteration(self, model: Any, epoch: int, evals_log: dict[str, dict[str, list[Any]]]) -> bool:
        metrics = {
            f"{data}_{metric}": values[-1]
            for data, by_metric in evals_log.items()
            for metric, values in by_metric.items()
            if not isinstance(values[-1], tuple)  # mean and deviation of a cross-validation
        }
        self._report.log(metrics, step=epoch + 1)
        if not self._report.should_stop:
            return False
        folder = output_dir()
        if folder is not None:
            path = folder / "model.ubj"
            model.save_model(path)
            remember_checkpoint("xgboost", path, self._report)
        return True
