"""The trainers that come with Trainyard.

Each is a module of this package with two functions::

    describe() -> dict        what it is and takes; must not import torch
    train(spec: Spec, dataset: Path, checkpoint: Path, report: Reporter) -> None

``simulation`` is no trainer of its own but stands in for each of them where PyTorch is missing.
"""

from __future__ import annotations

import importlib
from types import ModuleType

TRAINERS: tuple[str, ...] = ("tabular",)
"""Names of the trainers, in the order they are listed to clients."""


class UnknownTrainerError(Exception):
    """There is no trainer of this name."""


def check_trainer(name: str) -> None:
    """Raise ``UnknownTrainerError``, naming those there are, when there is no trainer of this name."""
    if name not in TRAINERS:
        raise UnknownTrainerError(f"There is no trainer {name!r}: use one of {', '.join(TRAINERS)}.")


def load_trainer(name: str) -> ModuleType:
    """The module of a trainer, imported only now because trainers may be slow to load.

    Raises:
        UnknownTrainerError: there is no such trainer.
    """
    check_trainer(name)
    return importlib.import_module(f"trainyard.trainers.{name}")
