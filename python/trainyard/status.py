"""The status file: its keys, transitions and sequence number.

Implements "Status" of ``src/runner/PROTOCOL.md``. The supervisor writes the first status (STARTING), the reporter all
later ones.
"""

from __future__ import annotations

import os
import time

from trainyard.files import Home, ReplacedFile, encode_json, read_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

TERMINAL = ("COMPLETED", "STOPPED", "ERROR")

_NUMBERS_OR_NULL = ("epochs", "first_step", "total_steps", "loss", "started_at", "finished_at")


def load_or_create(home: Home, job_id: str, attempt: int) -> dict[str, Any]:
    """Return the current status of this attempt, or a new status if there is none.

    A new attempt keeps ``created_at`` and continues ``sequence``, so that readers do not take its first status for an
    old one. Invalid values in the file are replaced by defaults.
    """
    previous = read_json(home.status(job_id)) or {}
    if previous.get("job_id") != job_id:
        previous = {}
    status = _fresh(job_id, attempt)
    if previous.get("attempt") == attempt:
        status.update({key: value for key, value in previous.items() if _fits(key, value, status.get(key))})
    else:
        status.update(
            {key: previous[key] for key in ("created_at", "sequence") if _fits(key, previous.get(key), status[key])}
        )
    return status


def enter(status: dict[str, Any], name: str) -> None:
    """Change the status and record the transition with its time. Does nothing if the status is already ``name``."""
    if status["status"] == name:
        return
    now = time.time()
    status["status"] = name
    status["transitions"] = [*status["transitions"], {"status": name, "at": now}]
    if name != "QUEUED" and status["started_at"] is None:
        status["started_at"] = now
    if name in TERMINAL:
        status["finished_at"] = now


class StatusFile:
    """The status file of a job, for a process that writes it many times."""

    def __init__(self, home: Home, job_id: str) -> None:
        self._file = ReplacedFile(home, job_id, home.status(job_id))

    def publish(self, status: dict[str, Any]) -> None:
        """Write the status with the next sequence number. A terminal status is fsynced.

        Raises:
            OSError: the file cannot be written. The old file is unchanged.
        """
        status["sequence"] += 1
        status["updated_at"] = time.time()
        self._file.replace(encode_json(status), sync=status["status"] in TERMINAL)


def publish(home: Home, status: dict[str, Any]) -> None:
    """Write the status file once: see ``StatusFile``."""
    StatusFile(home, status["job_id"]).publish(status)


def host_name() -> str:
    """Return the host name of this machine."""
    return os.uname().nodename


def _fits(key: str, value: object, fresh: object) -> bool:
    """Whether a value from the file has the type of the default; protects against a damaged file."""
    if fresh is None and (value is None or key not in _NUMBERS_OR_NULL):
        return True
    if fresh is None or (isinstance(fresh, (int, float)) and not isinstance(fresh, bool)):
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return isinstance(value, type(fresh))


def _fresh(job_id: str, attempt: int) -> dict[str, Any]:
    return {
        "version": 1,
        "job_id": job_id,
        "attempt": attempt,
        "sequence": 0,
        "status": "QUEUED",
        "progress": 0.0,
        "epoch": 0,
        "epochs": None,
        "step": 0,
        "first_step": None,
        "total_steps": None,
        "loss": None,
        "metrics": {},
        "extremes": {},
        "goals": {},
        "score": None,
        "message": None,
        "checkpoint": None,
        "reads_checkpoint": False,
        "samples_per_second": None,
        "eta_seconds": None,
        "created_at": time.time(),
        "started_at": None,
        "updated_at": time.time(),
        "finished_at": None,
        "transitions": [],
        "simulation": False,
        "pid": None,
        "host": None,
        "device": None,
        "supervisor": None,
        "process": None,
        "error": None,
    }
