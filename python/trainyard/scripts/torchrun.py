"""Run a script in several processes, with ``torch.distributed.run`` on this machine.

The trainer process owns the job. It starts the agent of torchrun (`torch_agent`), which starts the workers (`worker`).
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from trainyard.reporter.reporter import Reporter
from trainyard.scripts.folder import Script
from trainyard.scripts.process_folder import Failure, ProcessFolder
from trainyard.supervisor.oom import OomKills

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


def process_failure(message: str, reason: str = "TRAINER_ERROR") -> ProcessFailedError:
    """Return a failure that no exception of the script describes."""
    return ProcessFailedError({"reason": reason, "message": message, "traceback": ""}, 1)


class Agent:
    """The agent of torchrun on this machine, with the workers that it has started.

    Args:
        folder: says what to run; for this machine only.
        processes: number of workers.
        rendezvous: options of torchrun that say how the agents of several nodes meet; empty for one machine.
    """

    def __init__(self, folder: ProcessFolder, processes: int, rendezvous: Sequence[str] = ()) -> None:
        self._folder = folder
        self._signalled: set[int] = set()
        self._oom_kills = OomKills.from_now()
        command = [sys.executable, "-m", "trainyard.scripts.torch_agent", str(folder.path), str(processes)]
        self._process = subprocess.Popen([*command, str(os.getpid()), *rendezvous], stdin=subprocess.DEVNULL)

    def wait(self, seconds: float) -> int | None:
        """Wait for the end. Returns the exit code; None after the time."""
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def pass_stop_on(self) -> None:
        """Send SIGTERM to each worker once. Call it repeatedly: a worker may start later.

        To the workers only: torchrun would also signal their data loaders, during the save.
        """
        pids = self._folder.pids()
        for pid in pids - self._signalled:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        self._signalled |= pids
        if not pids and 0 not in self._signalled:  # no worker has started
            self._process.terminate()
            self._signalled.add(0)

    def failures(self) -> list[Failure]:
        """Return the failures of the workers, the earliest first, and that of the agent. Call it after the end."""
        found = self._folder.failures()
        if not self._oom_kills.any():
            return found
        if self._process.returncode == -signal.SIGKILL:
            # The agent has imported PyTorch, so it can be the largest process. The workers have died with it.
            found.append(Failure(rank=None, exit_code=-signal.SIGKILL, at=time.time(), description=None))
        return [
            replace(failure, description=out_of_memory()) if failure.exit_code == -signal.SIGKILL else failure
            for failure in found
        ]

    def kill(self) -> None:
        """Kill the agent, and with it the workers."""
        self._process.kill()


def run_processes(report: Reporter, script: Script, arguments: list[str], processes: int) -> None:
    """Run a script in ``processes`` processes to their end. A stop request reaches each of them.

    Raises:
        ProcessFailedError: a process failed; the others were stopped.
    """
    report.handles_stop()
    with tempfile.TemporaryDirectory(prefix="trainyard-") as path:
        folder = ProcessFolder(path)
        folder.write_program(script, arguments)
        agent = Agent(folder, processes)
        while (code := agent.wait(_POLL_SECONDS)) is None:
            if report.stop_requested:
                agent.pass_stop_on()
        if code and not report.stop_requested:
            text = f"torchrun ended with code {code} before the script started; see the log."
            raise root_cause(agent.failures()) or process_failure(text)


def root_cause(failures: list[Failure], silent: bool = False) -> ProcessFailedError | None:
    """Return the failure that caused the others: the connections of a dead process break in all of them.

    Args:
        failures: of all processes.
        silent: whether a node has ended without a word; a broken connection is then only a consequence of that.

    Returns:
        None if there is none.
    """
    killed = [failure for failure in failures if failure.exit_code < 0 and -failure.exit_code != signal.SIGTERM]
    described = [failure for failure in failures if failure.description is not None]
    consequences = [failure for failure in described if _is_broken_connection(failure)]
    others = [failure for failure in failures if failure.rank not in {failure.rank for failure in described}]
    causes = [failure for failure in described if failure not in consequences]
    for failure in (*killed, *causes, *others, *([] if silent else consequences)):
        if failure in killed and failure.description is None:
            name = signal.Signals(-failure.exit_code).name
            return process_failure(f"The process of rank {failure.rank} was killed by {name}.")
        if failure.description is not None:
            who = "torchrun" if failure.rank is None else f"rank {failure.rank}"
            description = {**failure.description, "message": f"{who}: {failure.description['message']}"}
            return ProcessFailedError(description, failure.exit_code)
        return process_failure(f"The process of rank {failure.rank} exited with code {failure.exit_code}; see the log.")
    return None


def out_of_memory(what: str = "the process") -> dict[str, str]:
    """Return the failure of a process that the kernel killed."""
    text = f"The kernel killed {what} because memory ran out. Use a smaller batchSize, or ask for more memory."
    return {"reason": "OUT_OF_MEMORY", "message": text, "traceback": ""}


_BROKEN_CONNECTION = (
    "Connection closed by peer",
    "Connection reset by peer",
    "Broken pipe",
    "NCCL communicator was aborted",
    "remote process exited or there was a network error",
    "Socket Timeout",
)
"""Parts of the messages of Gloo, NCCL and the store of torchrun when another process is gone."""


def _is_broken_connection(failure: Failure) -> bool:
    return any(text in (failure.description or {})["message"] for text in _BROKEN_CONNECTION)
