"""The training process: from a job's spec to the trainer that does it."""

from __future__ import annotations

import faulthandler
import importlib
import os
import signal
import sys
from dataclasses import replace
from types import FrameType

from trainyard.dataset_path import resolve_dataset
from trainyard.files import Home
from trainyard.output import outlive_supervisor
from trainyard.reporter import Reporter
from trainyard.spec import Spec
from trainyard.trainers import check_trainer, load_trainer

_NEEDED = {"torch": "PyTorch", "numpy": "NumPy", "safetensors": "safetensors"}
"""Modules that a real training needs, with what people call them."""


class TrainerUnavailableError(Exception):
    """The backend that was asked for cannot run in this Python."""


def run(home_path: str | os.PathLike[str], job_id: str) -> None:
    """Train the job of this id, as its spec says.

    Whatever goes wrong ends as ERROR in the status file, and is raised again.
    """
    home = Home(home_path)
    outlive_supervisor(home, job_id)
    faulthandler.enable()  # a crash in native code then leaves its Python lines in the log
    report = Reporter(home, job_id, int(os.environ.get("TRAINYARD_ATTEMPT", "1")))
    _outlive_late_signals(report)
    try:
        with report:
            _train(home, job_id, report)
    finally:
        # The end is claimed. A stop that comes now must not turn it into a death by signal.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)


def _train(home: Home, job_id: str, report: Reporter) -> None:
    spec = Spec.read(home, job_id)
    if report.attempt > 1:  # the spec says what the first attempt was to reach
        spec = replace(spec, epochs=report.planned_epochs or spec.epochs)
    check_trainer(spec.trainer)
    dataset = resolve_dataset(home, spec.dataset)
    model = home.checkpoint(job_id)
    simulated = _why_simulated(spec.backend, model.exists() or model.with_suffix(".state.pt").exists())
    if report.should_stop:  # loading PyTorch takes seconds, and nobody should wait for a stop that long
        return
    if simulated is None:
        load_trainer(spec.trainer).train(spec, dataset, model, report)
    else:
        from trainyard.trainers import simulation

        report.message(simulated)
        simulation.train(spec, dataset, home.checkpoint(job_id, simulation=True), report)


def _why_simulated(backend: str, has_trained: bool) -> str | None:
    """A sentence for people when the job is to be simulated; None when PyTorch trains it.

    Args:
        has_trained: whether an earlier attempt trained a model; what AUTO began as a training stays one.

    Raises:
        TrainerUnavailableError: PyTorch was asked for, or trained this job before, and is missing.
    """
    if backend == "SIMULATION":
        return "This is a simulation, as asked for; no model is trained."
    problem = _torch_problem()
    if problem is None:
        return None
    if has_trained:
        raise TrainerUnavailableError(f"{problem}, and earlier attempts used it. Install it there, and resume the job.")
    if backend == "TORCH":
        raise TrainerUnavailableError(f"{problem}. Install it there, or start the job with backend AUTO or SIMULATION.")
    return f"{problem}; this is a simulation, no model is trained."


def _torch_problem() -> str | None:
    """What keeps a real training from running here; None when all that it needs loads. Only importing tells."""
    try:
        for module in _NEEDED:
            importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name in _NEEDED:
            return f"{_NEEDED[error.name]} is not installed for {sys.executable}"
        return f"PyTorch does not load in {sys.executable} ({error})"
    except Exception as error:  # a broken installation fails in its own ways: OSError, RuntimeError
        return f"PyTorch does not load in {sys.executable} ({type(error).__name__}: {error})"
    return None


def _outlive_late_signals(report: Reporter) -> None:
    """Between the reporter's last word and the end of this function's caller a signal changes nothing any more."""

    def handle(number: int, _frame: FrameType | None) -> None:
        if not report.ended:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, handle)
