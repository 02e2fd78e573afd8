"""The scripts of examples/trainers report their progress without a changed line, and run on their own."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from captured_script import TIMEOUT, finish_script, start_script
from job_under_test import JobUnderTest

_FOLDER = Path(__file__).resolve().parents[3] / "examples" / "trainers"

_EXAMPLES = {
    "pytorch_mnist": ("torch", ["--epochs", "2"], (4096, 2), {"loss", "test_loss", "test_accuracy"}),
    "tqdm_bars": ("torch tqdm", ["--epochs", "2"], (48, 2), {"loss", "val_loss"}),
    "transformers_trainer": (
        "torch transformers accelerate", ["--num_train_epochs", "1", "--samples", "96"], (6, 1),
        {"loss", "grad_norm", "learning_rate", "train_loss", "eval_loss", "eval_accuracy"},
    ),
    "lightning_module": ("torch lightning", ["--max_epochs", "2"], (64, 2), {"train_loss", "val_loss"}),
    "keras_fit": ("torch keras", ["--epochs", "2"], (26, 2), {"loss", "accuracy", "val_loss", "val_accuracy"}),
    "xgboost_rounds": (
        "numpy xgboost", ["--rounds", "20"], (20, None), {"train_logloss", "train_auc", "valid_logloss", "valid_auc"},
    ),
    "tensorboard_writer": ("torch tensorboard", ["--steps", "50"], (50, None), {"Loss/train", "Learning rate"}),
    "mlflow_run": ("numpy mlflow", ["--epochs", "3"], (3, 3), {"loss", "accuracy"}),
    "torchrun_ddp": ("torch", ["--epochs", "2"], (128, 2), {"loss"}),
    "no_library": ("", ["--epochs", "5"], (5, 5), {"loss"}),
}  # fmt: skip
"""Name: libraries, arguments, (total steps, epochs), metrics."""


def test_every_example_is_tested() -> None:
    assert {path.stem for path in _FOLDER.glob("*.py")} == set(_EXAMPLES)


@pytest.mark.parametrize("name", _EXAMPLES)
def test_an_example_reports_its_progress(job: JobUnderTest, name: str) -> None:
    libraries, arguments, totals, metrics = _EXAMPLES[name]
    _skip_without(libraries)
    script = start_script(job, (_FOLDER / f"{name}.py").read_text(), arguments=arguments)
    finish_script(script)
    status = job.status()
    assert (status["total_steps"], status["epochs"]) == totals
    assert set(status["metrics"]) == metrics
    assert status["step"] > 0
    assert len(job.metrics()) > 1


@pytest.mark.parametrize("name", ["no_library", "tqdm_bars"])
def test_an_example_runs_on_its_own(tmp_path: Path, name: str) -> None:
    libraries, arguments, _, _ = _EXAMPLES[name]
    _skip_without(libraries)
    environment = {key: value for key, value in os.environ.items() if not key.startswith("TRAINYARD")}
    command = [sys.executable, str(_FOLDER / f"{name}.py"), *arguments]
    subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True, timeout=TIMEOUT)


def _skip_without(libraries: str) -> None:
    missing = [library for library in libraries.split() if find_spec(library) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} not installed")
