"""Run a script in a terminal, without a server: ``python -m trainyard run train.py``."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from types import FrameType

from trainyard.files import Home, read_json
from trainyard.reporter.reporter import Reporter
from trainyard.scripts.accepted import read_script
from trainyard.scripts.environment import enter_interpreter
from trainyard.scripts.folder import Script
from trainyard.scripts.interpreter import install_command, missing_requirements
from trainyard.scripts.program import run_program
from trainyard.scripts.progress_bar import ProgressBar
from trainyard.scripts.run import captured, run_reported
from trainyard.scripts.source import UnusableScriptError

_JOB = "run"
_INTERRUPTED = 130
_ENDS = {"COMPLETED": "completed", "STOPPED": "stopped", "ERROR": "failed"}


def run_in_terminal(path: Path, arguments: list[str]) -> int:
    """Run a script in the current folder and show its progress on standard error.

    Trainyard itself leaves no files: the status is in a temporary folder, which is removed at the end.
    Ctrl-C asks the script to stop; the second one always interrupts it.

    Returns:
        The exit code of the script; 130 if it was stopped.

    Raises:
        UnusableScriptError: the script cannot be run.
    """
    file = Path(os.path.abspath(path / "__main__.py" if path.is_dir() else path))
    script = Script(file.parent.name if path.is_dir() else file.stem, file, str(path))
    accepted = read_script(script, file.parent)
    metadata = accepted.metadata
    missing, _ = missing_requirements(metadata.dependencies, metadata.requires_python, accepted.interpreter)
    if missing:
        command = install_command(missing, accepted.interpreter)
        raise UnusableScriptError(f"Missing packages. Install them with: {command}")
    enter_interpreter(accepted, ["run", str(path), *arguments])
    # Not a TemporaryDirectory: that removes itself among the exit functions of the script.
    folder = tempfile.mkdtemp(prefix="trainyard-")
    pid = os.getpid()
    try:
        return _run(Home(folder), script, arguments)
    finally:
        if os.getpid() == pid:
            shutil.rmtree(folder, ignore_errors=True)


def _run(home: Home, script: Script, arguments: list[str]) -> int:
    # The bar shows the newest numbers only: their history would fill the disk.
    home.metrics(_JOB).parent.mkdir(parents=True)
    home.metrics(_JOB).symlink_to(os.devnull)
    report = Reporter(home, _JOB, interrupt_on_stop=True)
    output, errors = sys.stdout, sys.stderr
    bar = ProgressBar(script.shown, errors, lambda: read_json(home.status(_JOB)))
    sys.stdout, sys.stderr = bar.around(output), bar.around(errors)
    started = time.monotonic()

    def run() -> None:
        _interrupt_at_second_signal()
        report.begin()
        bar.start()
        with captured(report):
            run_program(script, arguments)

    code = run_reported(report, run)
    sys.stdout, sys.stderr = output, errors
    status = read_json(home.status(_JOB)) or {}
    end = str(status.get("status"))
    metrics = ", ".join(
        f"{name} {value:.4g}" for name, value in list(status.get("metrics", {}).items())[:4] if value is not None
    )
    seconds = time.monotonic() - started
    bar.close(f"{script.shown}: {_ENDS.get(end, end)} after {seconds:.1f} s" + (metrics and f", {metrics}"))
    return _INTERRUPTED if end == "STOPPED" else code


def _interrupt_at_second_signal() -> None:
    """Let the second Ctrl-C interrupt also a script that handles the first one and continues."""
    first = signal.getsignal(signal.SIGINT)
    is_second = False

    def handle(number: int, frame: FrameType | None) -> None:
        nonlocal is_second
        if is_second or not callable(first):
            raise KeyboardInterrupt
        is_second = True
        first(number, frame)

    signal.signal(signal.SIGINT, handle)
