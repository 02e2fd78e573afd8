"""Trainer `tabular`: predicts columns of a table from its other columns, with PyTorch.

Importing this module is cheap: only `train` imports PyTorch.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from trainyard.reporter.reporter import Reporter
from trainyard.spec import Spec
from trainyard.trainers.libraries import inspect_libraries
from trainyard.trainers.tabular.options import DEFAULTS, OPTIONS_SCHEMA

LIBRARIES = ("torch", "numpy", "safetensors", "polars")
"""Distributions that this trainer requires; their modules have the same names."""


def describe() -> dict[str, Any]:
    """Return title, options, defaults, versions and available backends, without importing PyTorch.

    The simulation needs no packages, so that the trainer is always available.
    """
    versions, missing = inspect_libraries(LIBRARIES)
    return {
        "name": "tabular",
        "title": "Tables",
        "description": "Predicts a column of a CSV, TSV or JSONL file from its other columns: numbers (regression) or "
        "classes (classification), with linear models and small neural networks in PyTorch.",
        "available": True,
        "unavailable_reason": None,
        "backends": ["SIMULATION"] if missing else ["TORCH", "SIMULATION"],
        "defaults": dict(DEFAULTS),
        "options": OPTIONS_SCHEMA,
        "versions": versions,
    }


def train(spec: Spec, dataset: Path, checkpoint: Path, report: Reporter) -> None:
    """Train a model on `dataset` and save its best weights, and everything that prediction needs, as `checkpoint`.

    Reports `loss` at each step and, after each epoch, `val_loss` with `val_r2` (regression) or `val_accuracy`
    (classification). On the CPU, the same seed gives exactly the same numbers. A stop saves the best weights so far.

    The training state (`.state.pt` next to the checkpoint) is saved periodically, on a stop and at the end. A later
    attempt continues from it; on the CPU, it reports the same numbers as an uninterrupted run.

    Args:
        spec: epochs, batch size, learning rate, seed, and options that match `OPTIONS_SCHEMA`.
        dataset: CSV, TSV or JSONL file, plain or gzip.
        checkpoint: a `.pt` file in `models/` of the home; a `.safetensors` file is written next to it.
        report: receives progress, metrics, messages and the checkpoint.

    Raises:
        InvalidDatasetError: the dataset is invalid, or has changed since an earlier attempt.
        DivergedError: the loss is NaN or infinite: the learning rate is too high.
        ValueError: an option is unknown, or the requested device is not available.
    """
    from trainyard.trainers.tabular.attempt import train as run

    run(spec, dataset, checkpoint, report)
