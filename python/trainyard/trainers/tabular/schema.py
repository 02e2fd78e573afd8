"""Everything that prediction needs besides the weights of a model."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from trainyard.data import ColumnKind, Notation, kind_from_json
from trainyard.trainers.tabular.architecture import Architecture
from trainyard.trainers.tabular.encoders import Encoder, encoder_from_json
from trainyard.trainers.tabular.task import Task

FORMAT = "trainyard.tabular"
VERSION = 2

# Earlier versions counted these as missing among texts too, in any case.
_EARLIER_MARKERS = tuple(
    spelling
    for marker in ("NA", "n/a", "#n/a", "#na", "<na>", "NaN", "-nan", "null", "#null!", "None", "nil", "?")
    for spelling in {marker, marker.lower(), marker.upper(), marker.capitalize()}
)


@dataclass(frozen=True)
class ModelSchema:
    """Inputs, outputs and network of a model.

    `classes` are the labels of a classification, in the order of the network outputs. `target_mean` and `target_std`
    are used by a regression, one value for each target: the network outputs are (y - mean) / std. `network` is the list
    of hidden layers in a model of format version 1.
    """

    task: Task
    targets: list[str]
    classes: list[str]
    target_mean: list[float]
    target_std: list[float]
    encoders: list[Encoder]
    network: Architecture | list[int]
    kinds: dict[str, ColumnKind] = field(default_factory=dict)
    """How each feature column is read, by name; empty in models of earlier versions."""

    @property
    def inputs(self) -> int:
        """Number of network inputs."""
        return sum(encoder.width for encoder in self.encoders)

    def kind_of(self, encoder: Encoder, decimal_comma: bool) -> ColumnKind:
        """Return the kind with which the column of an encoder is read.

        Args:
            decimal_comma: whether the file uses decimal commas, for models that do not say how numbers are written.
        """
        kind = self.kinds.get(encoder.column)
        if kind is not None:
            return kind
        missing = _EARLIER_MARKERS if encoder.kind.kind == "category" else ()
        return replace(encoder.kind, missing=missing, notation=Notation("," if decimal_comma else "."))

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
            "network": self.network.to_json() if isinstance(self.network, Architecture) else self.network,
            "columns": {name: kind.to_json() for name, kind in self.kinds.items()},
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
        version = value.get("version")
        if version not in (1, VERSION):
            raise ValueError(f"format version {version} is not supported; expected at most {VERSION}")
        return cls(
            task=value["task"],
            targets=value["targets"],
            classes=value["classes"],
            target_mean=value["target_mean"],
            target_std=value["target_std"],
            encoders=[encoder_from_json(encoder) for encoder in value["encoders"]],
            network=value["hidden"] if version == 1 else Architecture(**value["network"]),
            kinds={name: kind_from_json(kind) for name, kind in value.get("columns", {}).items()},
        )
