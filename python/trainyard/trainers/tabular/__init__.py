"""The trainer `tabular`: learns to predict columns of a table from its other columns, with PyTorch.

Importing this module is cheap: PyTorch is loaded by `train`, not before.
"""

from __future__ import annotations

import importlib.metadata
import platform
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from trainyard.reporter import Reporter
from trainyard.spec import Spec
from trainyard.trainers.tabular.options import DEFAULTS, OPTIONS_SCHEMA

# Distributions this trainer computes with; the names of their modules are the same.
_LIBRARIES = ("torch", "numpy", "safetensors")


def describe() -> dict[str, Any]:
    """What this trainer is and takes, and which backends this Python has for it. Imports nothing of it.

    The simulation is always there, so that the trainer is available everywhere.
    """
    versions = {"python": platform.python_version()}
    complete = True
    for library in _LIBRARIES:
        if find_spec(library) is None:
            complete = False
            continue
        with suppress(importlib.metadata.PackageNotFoundError):  # on the path, but not installed: no version is known
            versions[library] = importlib.metadata.version(library)
    return {
        "name": "tabular",
        "title": "Tables",
        "description": "Learns to predict a column of a CSV, TSV or JSONL file from its other columns: numbers "
        "(regression) or classes (classification), with linear models and small neural networks in PyTorch.",
        "available": True,
        "unavailable_reason": None,
        "backends": ["TORCH", "SIMULATION"] if complete else ["SIMULATION"],
        "defaults": dict(DEFAULTS),
        "options": OPTIONS_SCHEMA,
        "versions": versions,
    }


def train(spec: Spec, dataset: Path, checkpoint: Path, report: Reporter) -> None:
    """Train a model on `dataset` and save its best weights, with all that is needed to predict, as `checkpoint`.

    Reports `loss` at each step and, after each epoch, `val_loss` with `val_r2` (regression) or `val_accuracy`
    (classification). On the CPU the same seed gives the same numbers, exactly. A stop saves the best weights so far.

    Beside the checkpoint lies the training state (`.state.pt`), saved now and then, at a stop and at the end: an
    attempt above 1 goes on from it, and on the CPU it reports what it would have without an interruption.

    Args:
        spec: epochs, batch size, learning rate, seed, and options as `OPTIONS_SCHEMA` describes them.
        dataset: CSV, TSV or JSONL, also gzip.
        checkpoint: a `.pt` file in the home's `models/`; a `.safetensors` file is written beside it.
        report: told about all of it.

    Raises:
        InvalidDatasetError: the data cannot be used as it is, or is not what earlier attempts were trained on; the
            message says what to do.
        DivergedError: the learning rate is too high.
        ValueError: an option is unknown, or asks for a device that is not there.
    """
    from trainyard.trainers.tabular.attempt import train as run

    run(spec, dataset, checkpoint, report)
