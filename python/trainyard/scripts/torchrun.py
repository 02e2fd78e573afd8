"""Run a script in several processes, with ``torch.distributed.run`` on this machine.

The trainer process owns the job. It starts the agent of torchrun (`torch_agent`), which starts the workers (`worker`).
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress

from trainyard.reporter.reporter import Reporter
from trainyard.scripts.folder import Script
from trainyard.scripts.process_folder import Failure, ProcessFolder

_POLL_SECONDS = 0.1


class ProcessFailedError(Exception):
    """A process of the job failed.

    Attributes:
        failure: reason, message and traceback of that process.
        code: its exit code.
    """

    def __init__(self, failure: dict[str, str], code: int) -> None:
        super().__init__(failure["message"])
        self.failure = failure
        self.code = code


def run_processes(report: Reporter, script: Script, arguments: list[str], processes: int) -> None:
    """Run a script in ``processes`` processes to their end. A stop request reaches each of them.

    Raises:
        ProcessFailedError: a process failed; the others were stopped.
    """
    report.handles_stop()
    with tempfile.TemporaryDirectory(prefix="trainyard-") as path:
        folder = ProcessFolder(path)
        folder.write_program(script, arguments)
        command = [sys.executable, "-m", "trainyard.scripts.torch_agent", path, str(processes), str(os.getpid())]
        agent = subprocess.Popen(command)
        signalled: set[int] = set()
        while True:
            with suppress(subprocess.TimeoutExpired):
                code = agent.wait(_POLL_SECONDS)
                break
            if report.stop_requested:
                _pass_stop_on(agent, folder, signalled)
        if code and not report.stop_requested:
            raise _root_cause(folder.failures(), code)


def _pass_stop_on(agent: subprocess.Popen[bytes], folder: ProcessFolder, signalled: set[int]) -> None:
    """Send SIGTERM to the workers only: torchrun would also signal their data loaders, during the save."""
    pids = folder.pids()
    for pid in pids - signalled:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    signalled |= pids
    if not pids and 0 not in signalled:  # no worker has started
        agent.terminate()
        signalled.add(0)


def _root_cause(failures: list[Failure], code: int) -> ProcessFailedError:
    """Return the failure that caused the others: the connections of a dead process break in all of them."""
    killed = [failure for failure in failures if failure.exit_code < 0 and -failure.exit_code != signal.SIGTERM]
    described = [failure for failure in failures if failure.description is not None]
    for failure in (*killed, *described, *failures):
        if failure in killed:
            name = signal.Signals(-failure.exit_code).name
            text = f"The process of rank {failure.rank} was killed by {name}."
        elif failure.description is not None:
            description = {**failure.description, "message": f"rank {failure.rank}: {failure.description['message']}"}
            return ProcessFailedError(description, failure.exit_code)
        else:
            text = f"The process of rank {failure.rank} exited with code {failure.exit_code}; see the log."
        return ProcessFailedError({"reason": "TRAINER_ERROR", "message": text, "traceback": ""}, 1)
    text = f"torchrun ended with code {code} before the script started; see the log."
    return ProcessFailedError({"reason": "TRAINER_ERROR", "message": text, "traceback": ""}, 1)
