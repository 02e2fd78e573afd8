"""The batch step of a Slurm job: starts the supervisor, and stays until all processes of the attempt have ended.

``python -m trainyard.batch_step <home> <job_id> <attempt>`` implements "Slurm" of ``src/runner/PROTOCOL.md``.
Slurm sends signals to this process only, and its end is the end of the Slurm job. As the child subreaper of all
processes of the attempt it is their ancestor even if the supervisor was killed, so that Slurm never considers an
attempt ended whose trainer lives.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress

from trainyard.files import Home, read_json
from trainyard.supervisor.descendants import adopt_orphans, children, kill_remaining, reap_adopted
from trainyard.supervisor.supervisor_log import log_error

ALREADY_RUNNING = 75
"""Exit code if another process of this job holds the lock, as that of the supervisor."""

REQUEUED = 76
"""Exit code if Slurm runs the batch script again: a further run is a new attempt, which the runner starts."""

USAGE = "usage: python -m trainyard.batch_step <home> <job_id> <attempt>"


def main(arguments: list[str]) -> int:
    """Run one attempt to its end. Returns 0 if its exit file exists."""
    if len(arguments) != 3 or not arguments[2].isdecimal():
        print(USAGE, file=sys.stderr)
        return 2
    os.umask(0o077)
    if os.environ.get("SLURM_RESTART_COUNT", "0") != "0":
        log_error("Slurm has requeued this attempt. The server starts a new one, which continues from the checkpoint.")
        return REQUEUED
    home, job_id, attempt = Home(arguments[0]), arguments[1], int(arguments[2])
    code = supervise(job_id, [sys.executable, "-m", "trainyard.supervisor", *arguments])
    if code == ALREADY_RUNNING:
        return code
    ended = read_json(home.exit(job_id))
    return 0 if ended and ended.get("attempt") == attempt else 1


def supervise(job_id: str, command: list[str]) -> int:
    """Run ``command`` as the supervisor until it and every process of the job have ended. Returns its exit code.

    SIGTERM asks the trainer to save and end. SIGUSR2 kills the trainer, and the supervisor records that.
    """
    from subprocess import DEVNULL, Popen

    signals = (signal.SIGTERM, signal.SIGINT, signal.SIGUSR2, signal.SIGCHLD)
    # Blocked until `sigwait` takes them, so none is lost, also before the supervisor exists.
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    adopts = adopt_orphans()
    supervisor = Popen(command, stdin=DEVNULL, start_new_session=True, preexec_fn=_unblock)
    while True:
        number = signal.sigwait(signals)
        lives = supervisor.poll() is None
        reap_adopted(supervisor.pid if lives else 0)
        if number == signal.SIGUSR2:
            _kill(_trainers(job_id, supervisor.pid if lives else os.getpid()), supervisor.pid if lives else None)
        elif number in (signal.SIGTERM, signal.SIGINT):
            for pid in [supervisor.pid] if lives else _trainers(job_id, os.getpid()):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGTERM)
        if not lives and not _trainers(job_id, os.getpid()):
            break
    while adopts and kill_remaining(0, adopts):
        signal.sigtimedwait([signal.SIGCHLD], 0.05)
    return int(supervisor.returncode)


def _unblock() -> None:
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


def _kill(trainers: list[int], supervisor: int | None) -> None:
    """Kill the groups of the trainers; without one, the supervisor, which hangs then."""
    for pid in trainers:
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
    if not trainers and supervisor is not None:
        with suppress(ProcessLookupError):
            os.kill(supervisor, signal.SIGKILL)


def _trainers(job_id: str, parent: int) -> list[int]:
    """Return the trainer processes of the job among the children of ``parent``; normally one."""
    return [pid for pid in children(parent) if _is_trainer(pid, job_id)]


def _is_trainer(pid: int, job_id: str) -> bool:
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            words = file.read().split(b"\0")
    except OSError:  # it has ended
        return False
    return b"trainyard" in words and b"train" in words and job_id.encode() in words


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
