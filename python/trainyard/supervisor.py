"""The supervisor of one job: starts the trainer, keeps its output, passes signals on, writes how it ended.

``python -m trainyard.supervisor <home> <job_id> <attempt>`` implements "Supervisor" of ``src/runner/PROTOCOL.md``.
It outlives the server and does as little as possible, so that it never is what fails. One thread, one loop; standard
library only, and imported lazily where it can be, since the first sign of life of every job waits for this start.
"""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import time
from contextlib import suppress

from trainyard.complain import complain
from trainyard.exit_record import reserve_exit, reserved_exit, write_exit
from trainyard.files import Home, read_json
from trainyard.identity import own_identity
from trainyard.status import TERMINAL, enter, host_name, publish, take_over

TYPE_CHECKING = False
if TYPE_CHECKING:
    from subprocess import Popen

ALREADY_RUNNING = 75
"""Exit code when another process of this job holds the lock."""

USAGE = "usage: python -m trainyard.supervisor <home> <job_id> <attempt>"


def main(arguments: list[str]) -> int:
    """Run one job to its end; the exit code says how supervising went, never how the job went."""
    if len(arguments) != 3 or not arguments[2].isdecimal():
        print(USAGE, file=sys.stderr)
        return 2
    home, job_id, attempt = Home(arguments[0]), arguments[1], int(arguments[2])
    return supervise(home, job_id, attempt, [sys.executable, "-m", "trainyard", "train", str(home.path), job_id])


def supervise(home: Home, job_id: str, attempt: int, command: list[str]) -> int:
    """Start ``command`` as the trainer of this attempt and stay until it has ended.

    Returns:
        0, also when there was nothing left to do; 75 when another process of the job holds the lock; 1 when the spec
        or the exit file failed.
    """
    signals = _hear_signals()
    with suppress(PermissionError):  # whoever started us made us the leader of a session already
        os.setsid()
    try:
        # Never closed: the trainer inherits it, and the lock lives as long as any process of the job.
        lock = os.open(home.spec(job_id), os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        return write_exit(home, job_id, attempt, spawn_error=f"The spec of the job cannot be opened: {error}.")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        complain(f"job {job_id} has a living process already; nothing to do.")
        return ALREADY_RUNNING
    if _is_over(home, job_id, attempt):
        return 0
    _announce(home, job_id, attempt)
    reserve_exit(home, job_id)

    from trainyard.oom import oom_kill_count
    from trainyard.watch import watch

    _allow_open_files()
    started_at = time.time()
    oom_kills = oom_kill_count()
    try:
        trainer = _spawn(home, job_id, attempt, command, lock)
    except (OSError, ValueError) as error:
        spawn_error = f"The trainer cannot be started with {command[0]}: {error}."
        return write_exit(home, job_id, attempt, started_at=started_at, spawn_error=spawn_error)
    ended = watch(trainer, home.log(job_id), signals)
    _clear_staging(home, job_id)
    return write_exit(
        home,
        job_id,
        attempt,
        started_at=started_at,
        ended=ended,
        oom_killed=oom_kills != oom_kill_count(),
    )


def _hear_signals() -> int:
    """From now on no signal is lost: each is a byte (its number) in the pipe whose reading end is returned.

    The trainer may not exist yet when the first one comes; the pipe keeps it until there is one to pass it on to.
    """
    hear, tell = os.pipe()
    os.set_blocking(hear, False)
    os.set_blocking(tell, False)
    signal.set_wakeup_fd(tell, warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
        signal.signal(number, _only_the_pipe)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    return hear


def _only_the_pipe(_number: int, _frame: object) -> None:
    """A signal whose handler is not a Python function does not reach the wake-up pipe."""


def _is_over(home: Home, job_id: str, attempt: int) -> bool:
    """Whether this attempt has ended before: a server that died after the launch may launch again."""
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
    """STARTING, before anything slow is done."""
    status = take_over(home, job_id, attempt)
    status.update(supervisor=own_identity(), host=host_name())
    enter(status, "STARTING")
    try:
        publish(home, status)
    except OSError as error:
        complain(f"cannot write the status of {job_id} ({error}); the job starts all the same.")


def _allow_open_files() -> None:
    """As many open files as this user may have: data loaders use more than the 1024 that shells often leave."""
    from resource import RLIMIT_NOFILE, getrlimit, setrlimit

    _, hard = getrlimit(RLIMIT_NOFILE)
    for limit in (hard, 10240):  # macOS calls its limit infinite, and then refuses more than this
        with suppress(ValueError, OSError):
            setrlimit(RLIMIT_NOFILE, (limit, hard))
            return


def _clear_staging(home: Home, job_id: str) -> None:
    """Remove what a trainer that was killed had half written; a checkpoint may be large."""
    kept = reserved_exit(home, job_id).name
    with suppress(OSError):
        for name in os.listdir(home.staging):
            if name.startswith(f"{job_id}.") and name != kept:
                with suppress(FileNotFoundError):
                    os.unlink(home.staging / name)


def _spawn(home: Home, job_id: str, attempt: int, command: list[str], lock: int) -> Popen[bytes]:
    from subprocess import DEVNULL, PIPE, Popen

    return Popen(
        command,
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
        bufsize=0,
        start_new_session=True,
        pass_fds=(lock,),
        env={
            **os.environ,
            "TRAINYARD_HOME": str(home.path),
            "TRAINYARD_JOB_ID": job_id,
            "TRAINYARD_ATTEMPT": str(attempt),
        },
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
