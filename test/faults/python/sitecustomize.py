"""Instrumentation for the fault suite. Python imports it at the start of every process (the folder is on PYTHONPATH).

Each supervisor and each trainer records its start in ``<home>/starts.jsonl`` before any other code runs, so that a
second one is always detected. Environment variables can delay a process, to widen a race window.
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


def _role(words: list[str]) -> tuple[str, str, str, str] | None:
    """Return role, home, job ID and attempt of this process; None if it is neither a supervisor nor a trainer."""
    if "trainyard.supervisor" in words:
        return ("SUPERVISOR", *words[words.index("trainyard.supervisor") + 1 :][:3])  # type: ignore[return-value]
    if "trainyard" in words and "train" in words:
        home, job_id = words[words.index("train") + 1 :][:2]
        return "TRAINER", home, job_id, os.environ["TRAINYARD_ATTEMPT"]
    return None


def _note_start(role: str, home: str, job_id: str, attempt: str) -> None:
    with open("/proc/self/stat", "rb") as file:
        line = file.read()
    start = {
        "role": role,
        "jobId": job_id,
        "attempt": int(attempt),
        "pid": os.getpid(),
        "startTime": line[line.rindex(b")") + 2 :].split()[19].decode(),
        "at": time.time(),
    }
    fd = os.open(os.path.join(home, "starts.jsonl"), os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
    os.write(fd, json.dumps(start).encode() + b"\n")
    os.close(fd)


def _distort(role: str) -> None:
    if role == "SUPERVISOR":
        time.sleep(float(os.environ.get(SUPERVISOR_DELAY, "0")))
        if NO_LOCK in os.environ:
            import fcntl

            fcntl.flock = lambda *_: None  # type: ignore[assignment]
    elif TRAINER_LINGER in os.environ:
        atexit.register(time.sleep, float(os.environ[TRAINER_LINGER]))


if _me := _role(sys.orig_argv):
    _note_start(*_me)
    _distort(_me[0])
