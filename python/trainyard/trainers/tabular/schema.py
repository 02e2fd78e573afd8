"""Everything that prediction needs besides the weights of a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from trainyard.trainers.tabular.encoders import Encoder, encoder_from_json
from trainyard.trainers.tabular.target import Task

FORMAT = "trainyard.tabular"
VERSION = 1


@dataclass(frozen=True)
class ModelSchema:
    """Inputs, outputs and hidden layers of a model.

    `classes` are the labels of a classification, in the order of the network outputs. `target_mean` and `target_std`
    are used by a regression, one value for each target: the network outputs are (y - mean) / std.
    """

    task: Task
    targets: list[str]
    classes: list[str]
    target_mean: list[float]
    target_std: list[float]
    encoders: list[Encoder]
    hidden: list[int]

    @property
    def inputs(self) -> int:
        """Number of network inputs."""
        return sum(encoder.width for encoder in self.encoders)

    @property
    def outputs(self) -> int:
        """Number of network outputs: one for each class or target."""
        return len(self.classes) if self.task == "classification" else len(self.targets)

    def to_target_units(self, outputs: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.float64]:
        """Convert outputs of a regression network, shape (rows, targets), to the units of the targets."""
        units: npt.NDArray[np.float64] = outputs * np.array(self.target_std) + np.array(self.target_mean)
        return units

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object that `from_json` reads."""
        return {
            "format": FORMAT,
            "version": VERSION,
            "task": self.task,
            "targets": self.targets,
            "classes": self.classes,
            "target_mean": self.target_mean,
            "target_std": self.target_std,
            "encoders": [encoder.to_json() for encoder in self.encoders],
            "hidden": self.hidden,
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> ModelSchema:
        """Restore a schema from `to_json`.

        Raises:
            ValueError: the format or its version is not supported.
            KeyError, TypeError: a field is missing or invalid.
        """
        if value.get("format") != FORMAT:
            raise ValueError("unknown format")
        if value.get("version") != VERSION:
            raise ValueError(f"format version {value.get('version')} is not supported; expected {VERSION}")
        return cls(
            task=value["task"],
            targets=value["targets"],
            classes=value["classes"],
            target_mean=value["target_mean"],
            target_std=value["target_std"],
            encoders=[encoder_from_json(encoder) for encoder in value["encoders"]],
            hidden=value["hidden"],
        )
