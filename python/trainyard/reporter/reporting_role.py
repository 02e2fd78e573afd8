"""Which of several processes of a job reports. Implements "Several processes" of ``src/runner/PROTOCOL.md``."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

from trainyard.files import Home
from trainyard.reporter.active_report import Place
from trainyard.reporter.rank import rank
from trainyard.reporter.writer_lock import WriterLock


def take_role(home: Home, job_id: str, place: Place, allows_guests: bool) -> tuple[bool, WriterLock | None]:
    """Take the role of the process that reports, if no other process has it; otherwise the log says so.

    Returns:
        Whether this process reports, and the lock that keeps other processes from reporting; None without one.
    """
    if place is Place.OWNER:
        return True, WriterLock(home, job_id) if allows_guests else None
    its_rank = rank()
    if its_rank > 0:
        _print(f"rank {its_rank} (process {os.getpid()}) does not report: rank 0 does")
        return False, None
    try:
        lock = WriterLock(home, job_id)
        if lock.take_role():
            return True, lock
        lock.close()
    except OSError as error:  # such as a full disk
        _print(f"cannot lock {home.reporter_lock(job_id)} ({error})")
        return place is Place.SOLE, None
    _print(f"process {os.getpid()} does not report: another process of the job does")
    return False, None


def _print(text: str) -> None:
    with suppress(OSError):  # a broken standard error must not end the training
        print(f"trainyard: {text}.", file=sys.stderr)
