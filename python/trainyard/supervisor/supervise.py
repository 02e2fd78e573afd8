"""The supervisor of a job: starts the trainer, logs its output, forwards signals and records its exit.

``python -m trainyard.supervisor <home> <job_id> <attempt>`` implements "Supervisor" of ``src/runner/PROTOCOL.md``.
It keeps running if the server ends, and does as little as possible, to be reliable. One thread, one loop, and only the
standard library, with lazy imports: its start delays the first status of every job.
"""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import time
from contextlib import suppress

from trainyard.files import Home, read_json
from trainyard.identity import own_identity
from trainyard.status import TERMINAL, enter, host_name, load_or_create, publish
from trainyard.supervisor.exit_record import reserve_exit, reserved_exit, write_exit
from trainyard.supervisor.supervisor_log import log_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from subprocess import Popen

    from trainyard.supervisor.watch import TrainerProcess

ALREADY_RUNNING = 75
"""Exit code if another process of this job holds the lock."""

_ADVICE = "Use a file system with flock for TRAINYARD_HOME, for example NFS 4, or Lustre mounted with -o flock."

USAGE = "usage: python -m trainyard.supervisor <home> <job_id> <attempt>"


def main(arguments: list[str]) -> int:
    """Run one attempt to its end. The exit code is the result of the supervisor, not of the job."""
    if len(arguments) != 3 or not arguments[2].isdecimal():
        print(USAGE, file=sys.stderr)
        return 2
    os.umask(0o077)  # for the trainer too: the files of a training are private to its user
    home, job_id, attempt = Home(arguments[0]), arguments[1], int(arguments[2])
    return supervise(home, job_id, attempt, [sys.executable, "-m", "trainyard", "train", str(home.path), job_id])


def spawn(command: list[str], environment: dict[str, str], lock: int) -> Popen[bytes]:
    """Start a command in a session of its own, with pipes for both streams. It inherits the lock.

    Raises:
        OSError, ValueError: it cannot be started.
    """
    from subprocess import DEVNULL, PIPE, Popen

    return Popen(
        command,
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
        bufsize=0,
        start_new_session=True,
        pass_fds=(lock,),
        env=environment,
    )


def supervise(
    home: Home,
    job_id: str,
    attempt: int,
    command: list[str],
    start: Callable[[list[str], dict[str, str], int], TrainerProcess] = spawn,
) -> int:
    """Start ``command`` as the trainer of this attempt and wait until it has ended.

    Args:
        start: starts it with an environment and the descriptor of the lock, as `spawn` does.

    Returns:
        0 on success, or if the attempt has already ended; 75 if another process of the job holds the lock; 1 if the
        spec cannot be opened, the trainer cannot be started, or the exit file cannot be written.
    """
    signals = _open_signal_pipe()
    with suppress(PermissionError):  # this process is already the leader of a session
        os.setsid()
    try:
        # Never closed: the trainer inherits the descriptor, so that the lock is held until all processes have ended.
        # For writing: NFS gives an exclusive lock to no other descriptor.
        lock = os.open(home.spec(job_id), os.O_RDWR | os.O_CLOEXEC)
    except OSError as error:
        return write_exit(home, job_id, attempt, spawn_error=f"Cannot open the spec file of the job: {error}.")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        log_error(f"job {job_id} already has a running process; nothing to do.")
        return ALREADY_RUNNING
    except OSError as error:  # ENOLCK, ENOSYS: the runner launches an attempt twice only if an answer was lost
        log_error(f"cannot lock the job: {error}. The job runs without a lock, so it could run twice. {_ADVICE}")
    if _is_over(home, job_id, attempt):
        return 0
    _announce(home, job_id, attempt)
    reserve_exit(home, job_id)

    from trainyard.supervisor.oom import OomKills
    from trainyard.supervisor.watch import watch
    from trainyard.usage.peak_memory import read_peak

    _raise_open_file_limit()
    started_at = time.time()
    oom_kills = OomKills.from_now()
    try:
        trainer = start(command, _trainer_environment(home, job_id, attempt), lock)
    except (OSError, ValueError) as error:
        spawn_error = f"Cannot start the trainer with {command[0]}: {error}."
        return write_exit(home, job_id, attempt, started_at=started_at, spawn_error=spawn_error)
    _limit_memory(trainer.pid)
    ended = watch(trainer, home.log(job_id), signals)
    peak_memory_bytes = read_peak(home, job_id, attempt)
    _clear_staging(home, job_id)
    return write_exit(
        home,
        job_id,
        attempt,
        started_at=started_at,
        ended=ended,
        peak_memory_bytes=peak_memory_bytes,
        oom_killed=oom_kills.any(),
    )


def _open_signal_pipe() -> int:
    """Write the number of every signal to a pipe, as a byte. Returns the descriptor to read from.

    A signal can arrive before the trainer exists: the pipe keeps it until it can be forwarded.
    """
    read_fd, write_fd = os.pipe()
    os.set_blocking(read_fd, False)
    os.set_blocking(write_fd, False)
    signal.set_wakeup_fd(write_fd, warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
        signal.signal(number, _do_nothing)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    # A forked supervisor has them blocked until here.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD, signal.SIGHUP))
    return read_fd


def _do_nothing(_number: int, _frame: object) -> None:
    """Handler for signals that are read from the pipe: without a Python handler, they would not be written to it."""


def _is_over(home: Home, job_id: str, attempt: int) -> bool:
    """Whether this attempt has already ended: a server that died after a launch can launch it again."""
    ended = read_json(home.exit(job_id))
    if ended and isinstance(ended.get("attempt"), int) and ended["attempt"] >= attempt:
        return True
    status = read_json(home.status(job_id))
    return bool(
        status
        and isinstance(status.get("attempt"), int)
        and (status["attempt"] > attempt or (status["attempt"] == attempt and status.get("status") in TERMINAL))
    )


def _announce(home: Home, job_id: str, attempt: int) -> None:
    """Write the status STARTING, before any slow work."""
    status = load_or_create(home, job_id, attempt)
    status.update(supervisor=own_identity(), host=host_name())
    enter(status, "STARTING")
    try:
        publish(home, status)
    except OSError as error:
        log_error(f"cannot write the status of {job_id} ({error}); starting the job anyway.")


def _raise_open_file_limit() -> None:
    """Raise the limit on open files to the maximum: data loaders can use more than the common default of 1024."""
    from resource import RLIMIT_NOFILE, getrlimit, setrlimit

    _, hard = getrlimit(RLIMIT_NOFILE)
    for limit in (hard, 10240):  # macOS reports an infinite hard limit, but rejects more than this
        with suppress(ValueError, OSError):
            setrlimit(RLIMIT_NOFILE, (limit, hard))
            return


def _limit_memory(pid: int) -> None:
    """Apply ``TRAINYARD_MEMORY_MB`` to the trainer and all processes that it starts, to each on its own. Linux only.

    RLIMIT_DATA counts private writable memory. RLIMIT_AS would also count what PyTorch and CUDA only reserve.
    """
    megabytes = os.environ.get("TRAINYARD_MEMORY_MB", "")
    if not megabytes.isdecimal():
        return
    import resource

    with suppress(AttributeError, ValueError, OSError):  # not Linux, or it has ended
        resource.prlimit(pid, resource.RLIMIT_DATA, (int(megabytes) << 20, int(megabytes) << 20))


def _clear_staging(home: Home, job_id: str) -> None:
    """Remove partly written files of a killed trainer; a checkpoint can be large."""
    kept = reserved_exit(home, job_id).name
    with suppress(OSError):
        for name in os.listdir(home.staging):
            if name.startswith(f"{job_id}.") and name != kept:
                with suppress(FileNotFoundError):
                    os.unlink(home.staging / name)


def _trainer_environment(home: Home, job_id: str, attempt: int) -> dict[str, str]:
    return {
        **os.environ,
        "TRAINYARD_HOME": str(home.path),
        "TRAINYARD_JOB_ID": job_id,
        "TRAINYARD_ATTEMPT": str(attempt),
    }
