"""Instrumentation for the fault suite. Python imports it at the start of every process (the folder is on PYTHONPATH).

Each supervisor and each trainer records its start in ``<home>/starts.jsonl`` before any other code runs, so that a
second one is always detected. A forked one does so when it gets its command line. Environment variables can delay a process, to widen a race window.
"""

from __future__ import annotations

import atexit
import json
import os
import sys
import time

SUPERVISOR_DELAY = "FAULT_SUPERVISOR_DELAY"
"""Environment variable: delay of a supervisor at its start, in seconds."""

TRAINER_LINGER = "FAULT_TRAINER_LINGER"
"""Environment variable: time a trainer stays alive after it has claimed its end, in seconds."""

NO_LOCK = "FAULT_NO_LOCK"
"""Environment variable: if set, ``flock`` always succeeds. A planted bug."""

TRAINER_CHILD = "FAULT_TRAINER_CHILD"
"""Environment variable: when set, a trainer starts a process in its own group, like a data loader, and one in a session
of its own, like a daemon. Neither ends."""

COUNT_STOPS = "FAULT_COUNT_STOPS"
"""Environment variable: when set, a trainer appends one byte to ``<home>/stops`` for each SIGTERM that it receives."""


def _role(words: list[str]) -> tuple[str, str, str, str] | None:
    """Return role, home, job ID and attempt of this process; None if it is neither a supervisor nor a trainer."""
    if "trainyard.supervisor" in words:
        return ("SUPERVISOR", *words[words.index("trainyard.supervisor") + 1 :][:3])  # type: ignore[return-value]
    if "trainyard" in words and "train" in words:
        home, job_id = words[words.index("train") + 1 :][:2]
        return "TRAINER", home, job_id, os.environ["TRAINYARD_ATTEMPT"]
    return None


def _note_start(role: str, home: str, job_id: str, attempt: str, pid: int | None = None) -> None:
    with open(f"/proc/{pid or 'self'}/stat", "rb") as file:
        line = file.read()
    start = {
        "role": role,
        "jobId": job_id,
        "attempt": int(attempt),
        "pid": pid or os.getpid(),
        "startTime": line[line.rindex(b")") + 2 :].split()[19].decode(),
        "at": time.time(),
    }
    fd = os.open(os.path.join(home, "starts.jsonl"), os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
    os.write(fd, json.dumps(start).encode() + b"\n")
    os.close(fd)


def _start_children(home: str, job_id: str, attempt: str) -> None:
    import subprocess

    for apart in (False, True):
        null = subprocess.DEVNULL
        child = subprocess.Popen(["sleep", "600"], stdout=null, stderr=null, start_new_session=apart)
        _note_start("CHILD", home, job_id, attempt, child.pid)


def _count_stops(home: str) -> None:
    import signal

    # Signals without a Python handler, such as SIGCHLD, are not written.
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK
    signal.set_wakeup_fd(os.open(os.path.join(home, "stops"), flags, 0o644))


def _distort(role: str, home: str, job_id: str, attempt: str) -> None:
    if role == "SUPERVISOR":
        time.sleep(float(os.environ.get(SUPERVISOR_DELAY, "0")))
        if NO_LOCK in os.environ:
            import fcntl

            fcntl.flock = lambda *_: None  # type: ignore[assignment]
        return
    if TRAINER_LINGER in os.environ:
        atexit.register(time.sleep, float(os.environ[TRAINER_LINGER]))
    if TRAINER_CHILD in os.environ:
        _start_children(home, job_id, attempt)
    if COUNT_STOPS in os.environ:
        _count_stops(home)


def _note_fork(event: str, words: tuple[object, ...]) -> None:
    if event == "trainyard.fork" and (forked := _role([str(word) for word in words])):
        _note_start(*forked)
        _distort(*forked)


if _me := _role(sys.orig_argv):
    _note_start(*_me)
    _distort(*_me)
elif "trainyard.fork_server" in sys.orig_argv:
    sys.addaudithook(_note_fork)
