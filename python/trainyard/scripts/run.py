"""Run the script of a job inside the trainer process, with a reporter around it."""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from trainyard.capture import install
from trainyard.dataset_path import resolve_dataset
from trainyard.failure import text_of
from trainyard.files import Home, read_json
from trainyard.integrations.joint_stop import stop_file
from trainyard.logs.error_pipe import ErrorPipe
from trainyard.logs.output import survive_supervisor
from trainyard.provenance import record_provenance
from trainyard.reporter.reporter import Reporter, StopTraining
from trainyard.reporter.shared_reporter import share
from trainyard.scripts.accepted import Accepted, read_script
from trainyard.scripts.arguments import Places, build_arguments, reads_checkpoint
from trainyard.scripts.children import end_children
from trainyard.scripts.environment import OUTPUT_DIR, enter_interpreter, trainers_folder
from trainyard.scripts.folder import Script, find_scripts
from trainyard.scripts.program import ScriptExitError, describe_exit, exit_code, run_program
from trainyard.scripts.program_end import run_exit_functions
from trainyard.scripts.resume import checkpoint_of
from trainyard.scripts.several_nodes import run_on_nodes
from trainyard.scripts.source import UnusableScriptError
from trainyard.scripts.spec import ScriptSpec
from trainyard.scripts.torchrun import ProcessFailedError, run_processes
from trainyard.signals.hard_exit import HardExit
from trainyard.trainers import TRAINERS, UnknownTrainerError

_STOP_CODES = (128 + signal.SIGTERM, 128 + signal.SIGINT)
"""Exit codes of a shell for a program that a signal has ended: scripts that handle the signal use them too."""


def run_job(home: Home, job_id: str, ignore_late_signals: Callable[[Reporter], None]) -> int:
    """Run the script of a job to its end and report how it ended. Returns the exit code for the process.

    COMPLETED: the script returned, or called ``sys.exit(0)``. STOPPED: it ended after a stop request, with
    ``KeyboardInterrupt`` or on its own. ERROR: it raised an exception or exited with another code.

    Args:
        ignore_late_signals: called with the reporter before the job starts.
    """
    problem: Exception | None = None
    script, accepted, reads = None, None, False
    try:
        spec = ScriptSpec.read(home, job_id)
        script = find_script(home, spec.trainer)
        accepted = read_script(script, trainers_folder(home))
        reads = reads_checkpoint(accepted, spec)
        enter_interpreter(accepted, ["train", str(home.path), job_id])
    except Exception as error:
        problem = error
    attempt = int(os.environ.get("TRAINYARD_ATTEMPT", "1"))
    checkpoint = (read_json(home.status(job_id)) or {}).get("checkpoint") if attempt > 1 else None
    errors = ErrorPipe()
    survive_supervisor(home, job_id)
    faulthandler.enable()
    report = Reporter(home, job_id, attempt, interrupt_on_stop=True, reads_checkpoint=reads)
    ignore_late_signals(report)
    return run_reported(
        report,
        lambda: _run(home, job_id, report, script, accepted, checkpoint, problem),
        lambda: _remove_empty(home.outputs(job_id), report.attempt),
        errors,
    )


def find_script(home: Home, name: str) -> Script:
    """Return the script with this name.

    Raises:
        UnknownTrainerError: there is none; the message names those that exist.
        UnusableScriptError: the script cannot be run.
    """
    scripts = {script.name: script for script in find_scripts(trainers_folder(home))}
    if name not in scripts:
        known = ", ".join([*TRAINERS, *scripts][:20])
        raise UnknownTrainerError(f"Unknown trainer {name!r}: use one of {known}.")
    script = scripts[name]
    if script.path is None:
        raise UnusableScriptError(script.problem or f"{script.shown} cannot be found.")
    return script


def run_reported(
    report: Reporter,
    run: Callable[[], None],
    clean_up: Callable[[], None] = lambda: None,
    errors: ErrorPipe | None = None,
) -> int:
    """Call ``run`` in the block of a reporter and print what Python prints for its exception.

    Args:
        clean_up: called when nothing of the script runs any more in this process.
        errors: gets what is printed, if the script has closed or redirected its own standard error.

    Returns:
        The exit code that Python uses: 0, 1 after an exception, or that of ``sys.exit``; 0 for a stopped job.
    """
    code, pid = 0, os.getpid()
    try:
        with report:
            share(report)
            _end_at_hard_exit(report)
            try:
                _run_and_end_children(report, run)
            except StopTraining:
                raise
            except ProcessFailedError as error:  # the process has printed it
                code = error.code
                raise
            except SystemExit as error:
                code = exit_code(error.code)
                if code and not isinstance(error.code, int):
                    print_text(text_of(error.code), errors)
                if code == 0 or report.stop_requested or (code in _STOP_CODES and report.stop_arrived):
                    code = 0
                    raise SystemExit from None  # also for codes such as 256, of which a process keeps 8 bits
                raise ScriptExitError(describe_exit(error), code) from None
            except BaseException as error:
                error.__traceback__ = in_script(error.__traceback__)
                if isinstance(error, KeyboardInterrupt) and report.stop_requested:
                    raise
                code = 1
                print_error(error, errors)
                raise
            finally:
                run_exit_functions()
                if os.getpid() == pid:  # a forked child that exits leaves the files of its parent alone
                    clean_up()
    except BaseException:  # printed above, and reported by the reporter
        pass
    return code


def _run_and_end_children(report: Reporter, run: Callable[[], None]) -> None:
    try:
        run()
    finally:
        if report.stop_requested:
            end_children()


def _run(
    home: Home,
    job_id: str,
    report: Reporter,
    script: Script | None,
    accepted: Accepted | None,
    checkpoint: object,
    problem: Exception | None,
) -> None:
    if problem is not None or script is None or accepted is None or script.path is None:
        raise problem or UnusableScriptError("The script cannot be found.")
    spec = ScriptSpec.read(home, job_id)
    if report.attempt > 1 and spec.epochs is not None:  # a resume can increase the epochs of the first attempt
        spec = replace(spec, epochs=report.planned_epochs or spec.epochs)
    output = home.outputs(job_id)
    places = Places(
        dataset=None if spec.dataset is None else str(resolve_dataset(home, spec.dataset)),
        output_dir=str(output),
        resume_from=checkpoint_of(home, checkpoint),
    )
    arguments = build_arguments(accepted, spec, places)
    output.mkdir(parents=True, exist_ok=True)
    os.environ[OUTPUT_DIR] = str(output)
    os.chdir(script.path.parent if script.module is None else output)
    record_provenance(home, job_id, report.attempt, script=script.path, arguments=arguments)
    report.begin(epochs=spec.epochs or report.planned_epochs)
    if spec.nodes > 1:
        run_on_nodes(report, script, arguments, spec.processes, spec.nodes)
    elif spec.processes > 1:
        run_processes(report, script, arguments, spec.processes)
    else:
        with captured(report):
            run_program(script, arguments)


def _remove_empty(output: Path, attempt: int) -> None:
    """Remove the output folder, unless the script has written something."""
    with suppress(OSError):
        stop_file(output, attempt).unlink(missing_ok=True)
        output.rmdir()


@contextmanager
def captured(report: Reporter) -> Iterator[None]:
    """Report during the block the progress of the script's libraries and of its printed lines."""
    capture = install(report, os.environ.get("TRAINYARD_CAPTURE"))
    try:
        yield
    finally:
        capture.close()


def _end_at_hard_exit(report: Reporter) -> None:
    """Report the end of the job also if the script calls ``os._exit``."""

    def end(status: int) -> None:
        error = ScriptExitError(f"The script exited with code {status}; see its log.", status) if status else None
        report.__exit__(type(error) if error else None, error, None)

    HardExit(end)


def print_error(error: BaseException, errors: ErrorPipe | None = None) -> None:
    """Print an exception of the script as Python does, or the message of an error that prevented its start.

    Args:
        errors: see ``run_reported``.
    """
    if error.__traceback__ is None and not isinstance(error, SyntaxError):
        print_text(f"trainyard: {error}", errors)
        return
    with suppress(Exception):
        sys.excepthook(type(error), error, error.__traceback__)
    if errors is not None:
        errors.write_if_lost("".join(traceback.format_exception(type(error), error, error.__traceback__)))


def print_text(text: str, errors: ErrorPipe | None = None) -> None:
    """Print a line on standard error."""
    with suppress(Exception):
        print(text, file=sys.stderr)
    if errors is not None:
        errors.write_if_lost(f"{text}\n")


def in_script(trace: TracebackType | None) -> TracebackType | None:
    """Return a traceback without the frames of this package at its start; None if there are no others."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
    start = trace
    while start is not None and start.tb_frame.f_code.co_filename.startswith((package, "<frozen")):
        start = start.tb_next
    return start
