"""Which of several processes of a job reports. Implements "Several processes" of ``src/runner/PROTOCOL.md``."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import Enum

from trainyard.files import Home
from trainyard.reporter.rank import rank
from trainyard.reporter.writer_lock import WriterLock

_SECONDS_BETWEEN_CHECKS = 0.16  # whether another process reports, at steps; changes of status always check


class Place(Enum):
    """The place of a reporter among the processes of its job."""

    OWNER = "owner"
    """Owns the life of the job. Writes while no guest reports."""
    SOLE = "sole"
    """Owns the life of the job, and keeps other processes from reporting."""
    GUEST = "guest"
    """Reports while the owner is silent. Never changes the life of the job."""


class ReportingRole:
    """Whether this process reports now. Not thread-safe.

    Args:
        lock: decides it; None if no other process reports.
        continue_after_guest: called in the owner when a guest has reported since the last check.
    """

    def __init__(self, place: Place, lock: WriterLock | None, continue_after_guest: Callable[[], object]) -> None:
        self.place = place
        self._lock = lock
        self._continue_after_guest = continue_after_guest
        self._is_mine = True
        self._next_check = 0.0

    def allow_guests(self, lock: WriterLock) -> None:
        """Let another process of the job report: see ``Place.OWNER``."""
        self._lock = lock

    def may_report(self, exact: bool = True) -> bool:
        """Whether this process reports now. False while a guest reports, and in a guest after the end of the job.

        Args:
            exact: False uses an answer of the last moments, so that it costs nothing at a step.
        """
        if self._contested is not None and (exact or time.monotonic() >= self._next_check):
            with self.writing():
                pass
        return self._is_mine

    def is_unchanged(self) -> bool:
        """Whether this process reports, and no other one has taken the role since the last check. One system call."""
        return self._is_mine and (self._contested is None or not self._contested.has_changed())

    @contextmanager
    def writing(self) -> Iterator[bool]:
        """Keep the other processes from writing during the block. Yields whether this process may write."""
        if self._contested is None:
            yield True
            return
        with self._contested.writing() as self._is_mine:
            if self._is_mine and self.place is Place.OWNER and self._contested.others_have_reported():
                self._continue_after_guest()
            self._next_check = time.monotonic() + _SECONDS_BETWEEN_CHECKS
            yield self._is_mine

    def guest(self) -> int | None:
        """Return the pid of the guest that reports; None if there is none."""
        return self._lock.holder() if self._lock is not None and not self._is_mine else None

    def end_attempt(self) -> None:
        """Keep all other processes from reporting, because the job ends. For the owner."""
        if self._lock is not None and self._lock.end() and self.place is Place.OWNER:
            self._continue_after_guest()

    def close(self) -> None:
        """Give up the role."""
        if self._lock is not None:
            self._lock.close()

    @property
    def _contested(self) -> WriterLock | None:
        """The lock, if another process can take the role from this one."""
        return None if self.place is Place.SOLE else self._lock


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
