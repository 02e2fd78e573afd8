"""All settings of a training: the given ones, the defaults, and the values that the trainer chose."""

from __future__ import annotations

from typing import Any

from trainyard.spec import Spec
from trainyard.trainers.tabular.architecture import Architecture
from trainyard.trainers.tabular.options import Options
from trainyard.trainers.tabular.prepare import Prepared
from trainyard.trainers.tabular.training import Training


def resolved_settings(spec: Spec, options: Options, data: Prepared, training: Training) -> dict[str, Any]:
    """Return epochs, batch size, learning rate, seed and all options as they are used; unused ones are absent."""
    schema, learner = training.schema, training.learner
    chosen: dict[str, Any] = {
        "target": schema.targets[0] if len(schema.targets) == 1 else schema.targets,
        "task": schema.task,
        "optimizer": learner.algorithm,
        "device": str(training.device),
        "folds": data.plan.folds,
    }
    if isinstance(schema.network, Architecture):
        chosen["hidden"] = schema.network.hidden
    given = {name: value for name, value in vars(options).items() if value is not None}
    return {
        "epochs": spec.epochs,
        "batch_size": learner.batch_size,
        "learning_rate": spec.learning_rate,
        "seed": spec.seed,
        "options": {**given, **chosen},
    }
