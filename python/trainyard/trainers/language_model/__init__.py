"""Trainer `language-model`: trains or fine-tunes a causal language model on text or chats, with Transformers and PEFT.

Importing this module is cheap: only `train` imports PyTorch and Transformers.
"""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Any

from trainyard.reporter.reporter import Reporter
from trainyard.spec import Spec
from trainyard.trainers.language_model.options import DEFAULTS, OPTIONS_SCHEMA
from trainyard.trainers.libraries import inspect_libraries

# Distributions that this trainer requires, as in the extra `language-model`; their modules have the same names.
_REQUIREMENTS = {
    "torch": ">=2.10",
    "numpy": ">=2.0",
    "safetensors": ">=0.5",
    "transformers": ">=5.0",
    "tokenizers": ">=0.22",
    "peft": ">=0.18",
}


def describe() -> dict[str, Any]:
    """Return title, options, defaults, versions and available backends, without importing PyTorch or Transformers.

    If a package is missing, the trainer is unavailable, and the reason contains the command that installs the missing
    ones. There is no simulation: the text and the perplexity of a simulated model would mean nothing.
    """
    versions, missing = inspect_libraries(_REQUIREMENTS)
    return {
        "name": "language-model",
        "title": "Language model",
        "description": "Trains a causal language model, or fine-tunes one from a folder, on a text file or on JSONL "
        "with texts or chats. Works offline.",
        "available": not missing,
        "unavailable_reason": _missing_packages([name + _REQUIREMENTS[name] for name in missing]) if missing else None,
        "backends": [] if missing else ["TORCH"],
        "defaults": dict(DEFAULTS),
        "options": OPTIONS_SCHEMA,
        "versions": versions,
    }


def train(spec: Spec, dataset: Path, checkpoint: Path, report: Reporter) -> None:
    """Train a model on `dataset` and save it in the format of Transformers.

    Reports `loss` at each step, in nats per token, and `eval_loss` and `perplexity` after each epoch. One step is
    `batch_size` times `gradient_accumulation` sequences.

    The training state (`.state.pt` next to the checkpoint) is saved periodically, on a stop and at the end. A later
    attempt continues from it; on the CPU of the same machine, it reports the same numbers as an uninterrupted run.

    Args:
        spec: epochs, batch size in sequences, learning rate, seed, and options that match `OPTIONS_SCHEMA`.
        dataset: text or JSONL file, plain or gzip.
        checkpoint: a `.pt` file in `models/` of the home. The weights are written next to it as `.safetensors`; model,
            tokenizer and a sample text are written into the output folder of the job.
        report: receives progress, metrics, messages and the checkpoint.

    Raises:
        InvalidDatasetError: the dataset is invalid, too small, or has changed since an earlier attempt.
        DivergedError: the loss is NaN or infinite: the learning rate is too high.
        ValueError: an option is unknown, the model cannot be loaded, or the requested device is not available.
    """
    from trainyard.trainers.language_model.attempt import train as run

    run(spec, dataset, checkpoint, report)


def _missing_packages(requirements: list[str]) -> str:
    names = ", ".join(requirement.partition(">")[0] for requirement in requirements)
    command = shlex.join([sys.executable, "-m", "pip", "install", *requirements])
    return f"Not installed for the Python that trains: {names}. Run `{command}`."
