"""Built-in trainers.

Each trainer is a module of this package, with ``_`` for ``-`` in its name, and two functions::

    describe() -> dict        name, options, defaults and versions; must not import torch
    train(spec: Spec, dataset: Path, checkpoint: Path, report: Reporter) -> None

``simulation`` is not a separate trainer: it replaces a trainer that has the backend SIMULATION if PyTorch is missing.
"""

from __future__ import annotations

import importlib
from types import ModuleType

TRAINERS: tuple[str, ...] = ("tabular", "language-model")
"""Names of the trainers, in the order in which clients see them."""

PREDICTION = "prediction"
"""Trainer of the jobs that predict a dataset, started with `startPrediction`. Lists of trainers leave it out."""

RESERVED_NAMES: tuple[str, ...] = (*TRAINERS, PREDICTION)
"""Names that no script of the user may have."""


class UnknownTrainerError(Exception):
    """The name does not belong to a trainer."""


def check_trainer(name: str) -> None:
    """Raise ``UnknownTrainerError`` with the available names unless ``name`` is a trainer."""
    if name not in TRAINERS:
        raise UnknownTrainerError(f"Unknown trainer {name!r}: use one of {', '.join(TRAINERS)}.")


def load_trainer(name: str) -> ModuleType:
    """Import and return the module of a trainer. The import is lazy because it can be slow.

    Raises:
        UnknownTrainerError: the name does not belong to a trainer.
    """
    check_trainer(name)
    return importlib.import_module(f"trainyard.trainers.{name.replace('-', '_')}")
