"""The forked processes: the supervisor of a job, and its trainer, which the supervisor forks."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from subprocess import Popen
from typing import IO

from trainyard import train
from trainyard.files import Home, read_json
from trainyard.fork_server.preload import Preloaded
from trainyard.fork_server.process_title import ProcessTitle, become
from trainyard.fork_server.server import FORK_SIGNALS, ForkedSupervisor
from trainyard.supervisor.supervise import spawn, supervise
from trainyard.trainers import RESERVED_NAMES


class ForkedTrainer(BaseException):
    """Raised in the forked trainer, which leaves the code of its supervisor this way.

    Not an ``Exception``, so that no handler on the way treats it as an error.
    """

    def __init__(self, command: Sequence[str], environment: dict[str, str]) -> None:
        super().__init__(command)
        self.command, self.environment = list(command), environment


class TrainerProcess:
    """A forked trainer, from the view of its supervisor, with the part of `Popen` that `watch` uses."""

    def __init__(self, pid: int, stdout: int, stderr: int) -> None:
        self.pid = pid
        self.stdout: IO[bytes] = os.fdopen(stdout, "rb", 0)
        self.stderr: IO[bytes] = os.fdopen(stderr, "rb", 0)
        self.returncode: int | None = None


def run_supervisor(home: Home, forked: ForkedSupervisor, title: ProcessTitle, kept: frozenset[int]) -> int:
    """Supervise the attempt in this forked process. Returns the exit code.

    Args:
        kept: descriptors of libraries, which stay open.

    Raises:
        ForkedTrainer: in the trainer.
    """
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    # A wrapper script can add options of Python, such as -S, which the trainer does not get.
    has_no_options = forked.arguments[1] == "-m"
    become(title, forked.arguments, forked.environment)
    for descriptor in (1, 2):
        os.dup2(forked.log, descriptor)
    close_all_but(kept)
    os.umask(0o077)

    def start(command: list[str], environment: dict[str, str], lock: int) -> TrainerProcess | Popen[bytes]:
        if has_no_options and _is_shipped(home, launch.job_id) and title.fits(command, environment):
            with suppress(OSError):
                return _fork_trainer(command, environment, kept | {lock})
        return spawn(command, environment, lock)

    launch = forked.launch
    command = [sys.executable, "-m", "trainyard", "train", str(home.path), launch.job_id]
    return supervise(home, launch.job_id, launch.attempt, command, start)


def run_trainer(started: ForkedTrainer, title: ProcessTitle, preloaded: Preloaded) -> int:
    """Do in this forked process what `python -m trainyard train` does. Returns the exit code."""
    become(title, started.command, started.environment)
    os.environ.update(preloaded.changed_variables)
    preloaded.finish()
    sys.modules["__main__"] = preloaded.main
    sys.argv[0] = str(preloaded.main.__file__)
    *_, home, job_id = started.command
    return train.run(home, job_id)


def _is_shipped(home: Home, job_id: str) -> bool:
    """Whether the trainer of a job is one of this package. A script gets a new Python: its imports are not known."""
    return (read_json(home.spec(job_id)) or {}).get("trainer") in RESERVED_NAMES


def close_all_but(kept: frozenset[int]) -> None:
    """Close all descriptors except those and the standard streams."""
    for name in os.listdir("/proc/self/fd"):
        if int(name) > 2 and int(name) not in kept:
            with suppress(OSError):  # that of the list itself
                os.close(int(name))


def _fork_trainer(command: list[str], environment: dict[str, str], kept: frozenset[int]) -> TrainerProcess:
    stdout, stderr = os.pipe(), os.pipe()
    signal.pthread_sigmask(signal.SIG_BLOCK, FORK_SIGNALS)
    try:
        pid = os.fork()
    except OSError:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, FORK_SIGNALS)
        for descriptor in (*stdout, *stderr):
            os.close(descriptor)
        raise
    if pid == 0:
        try:
            _prepare_trainer((stdout[1], stderr[1]), kept)
        except BaseException:
            os._exit(1)  # it must never continue as a second supervisor
        raise ForkedTrainer(command, environment)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, FORK_SIGNALS)
    for _, write_fd in (stdout, stderr):
        os.close(write_fd)
    return TrainerProcess(pid, stdout[0], stderr[0])


def _prepare_trainer(outputs: tuple[int, int], kept: frozenset[int]) -> None:
    """Give a forked process what a started one has: a session, its streams, and handlers of signals."""
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.setsid()
    for descriptor, output in zip((1, 2), outputs):
        os.dup2(output, descriptor)
    close_all_but(kept)
    for descriptor in kept:
        os.set_inheritable(descriptor, True)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, FORK_SIGNALS)
