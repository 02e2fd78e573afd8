"""Progress of ``lightgbm.train``, which the scikit-learn interface calls too."""

from __future__ import annotations

import inspect
from types import ModuleType
from typing import Any

from trainyard.capture.collector import Collector
from trainyard.capture.guard import Guard
from trainyard.capture.patch import call_before
from trainyard.capture.protect import protected
from trainyard.capture.source_report import SourceReport


def patch(module: ModuleType, collector: Collector, guard: Guard) -> None:
    """Patch ``lightgbm.engine`` before the package exports its functions: add the callback, and continue a training."""
    signature = inspect.signature(module.train)
    trainings = 0

    def prepare_training(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        from lightgbm.callback import EarlyStopException

        from trainyard.integrations.checkpoints import newest_checkpoint, numbered
        from trainyard.integrations.lightgbm import TrainyardCallback

        nonlocal trainings
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        given = bound.arguments
        callbacks = list(given["callbacks"] or [])
        if any(isinstance(callback, TrainyardCallback) for callback in callbacks):
            return None
        trainings += 1
        report = SourceReport(collector, "lightgbm")
        checkpoint = newest_checkpoint(numbered("lightgbm", trainings), report)
        if checkpoint is not None and _can_continue(given, callbacks):
            given.update(_from_model(str(checkpoint), given))
        callback = TrainyardCallback(report, training=trainings)
        call = protected(callback.__call__, guard, passed=(EarlyStopException,))
        call.order = callback.order
        given["callbacks"] = [*callbacks, call]
        return bound.args, bound.kwargs

    call_before(module, "train", prepare_training, guard)


def _can_continue(given: dict[str, Any], callbacks: list[Any]) -> bool:
    """Whether the script does not set the start of the training, and LightGBM still has the data to predict."""
    from lightgbm import reset_parameter

    train, valid = given["train_set"], given["valid_sets"] or []
    all_data = [train, *(valid if isinstance(valid, (list, tuple)) else [valid])]
    schedule = type(reset_parameter(learning_rate=[0.1]))  # counts from the first round of the call
    return (
        given["init_model"] is None
        and train.init_score is None
        and all(len(getattr(data.data, "shape", ())) == 2 for data in all_data)  # None if LightGBM has freed it
        and not any(isinstance(callback, schedule) for callback in callbacks)
    )


def _from_model(path: str, given: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments that continue from a model; none if it is not one for this data and number of rounds."""
    from lightgbm import Booster
    from lightgbm.basic import LightGBMError, _ConfigAliases

    try:
        model = Booster(model_file=path)
    except LightGBMError:  # a damaged file
        return {}
    aliases = _ConfigAliases.get("num_iterations")
    params = {name: value for name, value in given["params"].items() if name not in aliases}
    named = [value for name, value in given["params"].items() if name in aliases]
    rounds = named[0] if named else given["num_boost_round"]
    done = model.current_iteration()
    if model.num_feature() != given["train_set"].data.shape[1] or not 0 < done <= rounds:
        return {}
    return {"params": params, "num_boost_round": rounds - done, "init_model": model}
