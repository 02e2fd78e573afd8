"""Evidence for the fault suite, loaded by Python itself at the start of every process (the folder is on PYTHONPATH).

Each supervisor and each trainer notes its own start in ``<home>/starts.jsonl`` before any of its own code runs, so that
a second one cannot hide. The environment can also slow a process down, to widen a window that is too short to hit.
"""

from __future__ import annotations

import atexit
import json
import os
import sys
import time

SUPERVISOR_DELAY = "FAULT_SUPERVISOR_DELAY"
"""Environment variable: seconds before a supervisor does anything at all."""

TRAINER_LINGER = "FAULT_TRAINER_LINGER"
"""Environment variable: seconds for which a trainer lives on after it has claimed its end."""

NO_LOCK = "FAULT_NO_LOCK"
"""Environment variable: when set, ``flock`` says yes to everybody. A planted bug."""


def _role(words: list[str]) -> tuple[str, str, str, str] | None:
    """Role, home, job id and attempt of this process; None when it is neither a supervisor nor a trainer."""
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
