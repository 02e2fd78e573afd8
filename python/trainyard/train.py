"""The trainer process: read the spec of a job and run its trainer."""

from __future__ import annotations

import faulthandler
import importlib
import os
import signal
import sys
from contextlib import suppress
from dataclasses import replace
from types import FrameType
from typing import Any

from trainyard.dataset_path import resolve_dataset
from trainyard.failure import is_for_users
from trainyard.files import Home, read_json
from trainyard.logs.output import survive_supervisor
from trainyard.provenance import record_provenance
from trainyard.reporter.reporter import Reporter
from trainyard.spec import Spec
from trainyard.trainers import PREDICTION, RESERVED_NAMES, check_trainer, load_trainer

_NEEDED = {"torch": "PyTorch", "numpy": "NumPy", "safetensors": "safetensors"}
"""Modules that a training with PyTorch requires, with their display names."""


class TrainerUnavailableError(Exception):
    """The requested backend is not available in this Python environment."""


def run(home_path: str | os.PathLike[str], job_id: str) -> int:
    """Run the training of a job with the settings in its spec file, with a shipped trainer or a script of the user.

    Every exception is reported as ERROR in the status file. That of a shipped trainer is raised again, unless it says
    what a user has to correct: then the log has its message alone. A traceback does not help to correct the data.

    Returns:
        The exit code of a script; for a shipped trainer 0, and 1 after such a message.
    """
    home = Home(home_path)
    trainer = (read_json(home.spec(job_id)) or {}).get("trainer")
    if isinstance(trainer, str) and trainer not in RESERVED_NAMES:
        from trainyard.scripts.free_script import free_script
        from trainyard.scripts.run import run_job

        pid = os.getpid()
        try:
            return run_job(home, job_id, _ignore_signals_after_end)
        finally:
            _ignore_signals()
            if os.getpid() == pid:  # a forked child ends as it would without Trainyard
                with suppress(Exception):  # whatever objects of the script do, the job has ended
                    free_script()
    survive_supervisor(home, job_id)
    faulthandler.enable()  # logs the Python stack if native code crashes
    report = Reporter(home, job_id, int(os.environ.get("TRAINYARD_ATTEMPT", "1")))
    _ignore_signals_after_end(report)
    try:
        with report:
            if trainer == PREDICTION:
                from trainyard.prediction.job import predict_dataset

                predict_dataset(home, job_id, report)
            else:
                _train(home, job_id, report)
    except Exception as error:
        if not is_for_users(error):
            raise
        print(error, file=sys.stderr)
        return 1
    finally:
        _ignore_signals()
    return 0


def _train(home: Home, job_id: str, report: Reporter) -> None:
    spec = Spec.read(home, job_id)
    if report.attempt > 1:  # the spec contains the number of epochs of the first attempt
        spec = replace(spec, epochs=report.planned_epochs or spec.epochs)
    check_trainer(spec.trainer)
    dataset = resolve_dataset(home, spec.dataset)
    model = home.checkpoint(job_id)
    trainer = load_trainer(spec.trainer)
    _check_available(spec, trainer.describe())
    simulation_reason = _simulation_reason(spec.backend, model.exists() or model.with_suffix(".state.pt").exists())
    if report.should_stop:  # do not delay a stop by loading the libraries of the trainer
        return
    if simulation_reason is None:
        record_provenance(home, job_id, report.attempt)
        trainer.train(spec, dataset, model, report)
    else:
        from trainyard.trainers import simulation

        report.message(simulation_reason)
        simulation.train(spec, dataset, home.checkpoint(job_id, simulation=True), report)


def _check_available(spec: Spec, trainer: dict[str, Any]) -> None:
    """Raise TrainerUnavailableError if a trainer lacks packages, or has no simulation and one is requested."""
    if not trainer["available"]:
        raise TrainerUnavailableError(f"Trainer {spec.trainer} is not available. {trainer['unavailable_reason']}")
    if spec.backend == "SIMULATION" and "SIMULATION" not in trainer["backends"]:
        raise TrainerUnavailableError(f"Trainer {spec.trainer} has no simulation. Start a job with the backend AUTO.")


def _simulation_reason(backend: str, has_trained: bool) -> str | None:
    """Return the reason for a simulation as a sentence; None if PyTorch trains the job.

    Args:
        backend: AUTO, TORCH or SIMULATION.
        has_trained: whether an earlier attempt trained a model. Such a job does not continue as a simulation.

    Raises:
        TrainerUnavailableError: PyTorch is required but not available.
    """
    if backend == "SIMULATION":
        return "Simulation, as requested: no model is trained."
    problem = _torch_problem()
    if problem is None:
        return None
    if has_trained:
        raise TrainerUnavailableError(f"{problem}; earlier attempts used it. Install it and resume the job.")
    if backend == "TORCH":
        raise TrainerUnavailableError(f"{problem}. Install it, or start a job with the backend AUTO or SIMULATION.")
    return f"Simulation, because {problem}: no model is trained."


def _torch_problem() -> str | None:
    """Return why PyTorch cannot be used; None if all required modules can be imported."""
    try:
        for module in _NEEDED:
            importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name in _NEEDED:
            return f"{_NEEDED[error.name]} is not installed for {sys.executable}"
        return f"PyTorch cannot be imported in {sys.executable} ({error})"
    except Exception as error:  # a broken installation can raise anything, such as OSError or RuntimeError
        return f"PyTorch cannot be imported in {sys.executable} ({type(error).__name__}: {error})"
    return None


def _ignore_signals() -> None:
    """Ignore stop requests: the status file contains the end of the job, and a late one must not kill the process."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)


def _ignore_signals_after_end(report: Reporter) -> None:
    """Ignore SIGTERM and SIGINT after the reporter has written the end of the job."""

    def handle(number: int, _frame: FrameType | None) -> None:
        if not report.ended:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, handle)
