"""Progress of ``xgboost.train``, which the scikit-learn interface calls too."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from trainyard.capture.collector import Collector
from trainyard.capture.guard import Guard
from trainyard.capture.patch import call_before
from trainyard.capture.protect import protect
from trainyard.capture.source_report import SourceReport

_DEFAULT_ROUNDS = 10


def patch(module: ModuleType, collector: Collector, guard: Guard) -> None:
    """Patch ``xgboost.training`` before the package exports its functions: add the callback, and continue trainings."""
    trainings = 0

    def prepare_training(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        from trainyard.integrations.checkpoints import newest_checkpoint, numbered
        from trainyard.integrations.xgboost import TrainyardCallback

        nonlocal trainings
        callbacks = list(kwargs.get("callbacks") or [])
        if any(isinstance(callback, TrainyardCallback) for callback in callbacks):
            return None
        trainings += 1
        report = SourceReport(collector, "xgboost")
        rounds = args[2] if len(args) > 2 else kwargs.get("num_boost_round", _DEFAULT_ROUNDS)
        checkpoint = newest_checkpoint(numbered("xgboost", trainings), report)
        data = args[1] if len(args) > 1 else kwargs.get("dtrain")
        if checkpoint is not None and _can_continue(callbacks, args, kwargs):
            model = _earlier_model(str(checkpoint), data, rounds)
            if model is not None:
                rounds -= model.num_boosted_rounds()
                args, kwargs = args[:2], {**kwargs, "num_boost_round": rounds, "xgb_model": model}
        callback = TrainyardCallback(report, rounds=rounds, training=trainings)
        return args, {**kwargs, "callbacks": [*callbacks, protect(callback, guard)]}

    call_before(module, "train", prepare_training, guard)


def _can_continue(callbacks: list[Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    """Whether the script does not set the start of the training."""
    from xgboost.callback import LearningRateScheduler

    # A schedule counts from the first round of the call.
    has_schedule = any(isinstance(callback, LearningRateScheduler) for callback in callbacks)
    return kwargs.get("xgb_model") is None and len(args) <= 3 and not has_schedule


def _earlier_model(path: str, data: Any, rounds: int) -> Any:
    """Return the model of an earlier attempt; None if it is not one for this data and number of rounds."""
    from xgboost.core import Booster, XGBoostError

    try:
        model = Booster(model_file=path)
    except XGBoostError:  # a damaged file
        return None
    fits = model.num_features() == data.num_col() and model.feature_names == data.feature_names
    return model if fits and 0 < model.num_boosted_rounds() <= rounds else None
