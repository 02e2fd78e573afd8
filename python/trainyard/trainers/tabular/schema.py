"""All that belongs to a trained model beside its weights: enough to predict from a file again."""

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
    """What goes in, what comes out, and the shape of the network in between.

    `classes` are the labels of a classification, in the order of the network's outputs. `target_mean` and
    `target_std` belong to a regression, one of each for every target: the network's outputs are (y - mean) / std.
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
        """Inputs of the network."""
        return sum(encoder.width for encoder in self.encoders)

    @property
    def outputs(self) -> int:
        """Outputs of the network: one a class, or one a target."""
        return len(self.classes) if self.task == "classification" else len(self.targets)

    def to_target_units(self, outputs: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.float64]:
        """Outputs of a regression network, shape (rows, targets), in the units of the targets."""
        units: npt.NDArray[np.float64] = outputs * np.array(self.target_std) + np.array(self.target_mean)
        return units

    def to_json(self) -> dict[str, Any]:
        """What `from_json` needs: plain lists, numbers and texts."""
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
        """Raises ValueError for a format or version that this program does not know, KeyError or TypeError for less."""
        if value.get("format") != FORMAT:
            raise ValueError("it was not made by the tabular trainer")
        if value.get("version") != VERSION:
            raise ValueError(f"it has version {value.get('version')} of the format, and this program reads {VERSION}")
        return cls(
            task=value["task"],
            targets=value["targets"],
            classes=value["classes"],
            target_mean=value["target_mean"],
            target_std=value["target_std"],
            encoders=[encoder_from_json(encoder) for encoder in value["encoders"]],
            hidden=value["hidden"],
        )
