"""The lock that decides which of several processes of a job reports.

Implements "Several processes" of ``src/runner/PROTOCOL.md``. These are POSIX record locks, because the kernel releases
them when their own process ends: a data loader that a killed rank has forked does not keep them.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from trainyard.files import Home

_ROLE = 0  # byte that the reporting process locks until it ends; only while it also holds _WRITE
_WRITE = 1  # byte that a process locks while it writes, or takes or checks the role


class WriterLock:
    """The lock file of a job, as one process sees it.

    Each process that takes the role appends its pid as a line. The others recognize by the size of the file that
    another process has reported since.

    Raises:
        OSError: the lock file cannot be created.
    """

    def __init__(self, home: Home, job_id: str) -> None:
        self._path = home.reporter_lock(job_id)
        self._fd = self._open()
        self._size = os.fstat(self._fd).st_size
        self._has_role = False
        self._free_at = -1  # size of the file at which no process had the role

    def take_role(self) -> bool:
        """Become the process that reports, until it ends or calls ``close``. False if another process is."""
        with self._locked(_WRITE):
            if not self._try_lock(_ROLE):
                return False
            self._has_role = True
            os.write(self._fd, b"%d\n" % os.getpid())
            self._size = os.fstat(self._fd).st_size
            return True

    @contextmanager
    def writing(self) -> Iterator[bool]:
        """Keep the other processes from writing during the block. Yields whether this process may write."""
        with self._locked(_WRITE):
            yield self._may_write()

    def others_have_reported(self) -> bool:
        """Whether another process has reported since the last call, or since this lock was opened."""
        size = os.fstat(self._fd).st_size
        changed = size != self._size
        self._size = size
        return changed

    def has_changed(self) -> bool:
        """Whether another process has taken the role, or the attempt has ended, since ``others_have_reported``."""
        return os.fstat(self._fd).st_size != self._size

    def holder(self) -> int | None:
        """Return the pid of the process that took the role last; None if there is none."""
        size = os.fstat(self._fd).st_size
        last = os.pread(self._fd, 64, max(0, size - 64)).decode().split("\n")[-2:-1]
        return int(last[0]) if last and last[0].isdecimal() else None

    def end(self) -> bool:
        """Remove the file, because the attempt has ended: a process that still has the role must not write any more.

        Returns:
            the result of ``others_have_reported``.
        """
        with self._locked(_WRITE):
            others_have = self.others_have_reported()
            with suppress(OSError):  # a full disk: a removed file says the same
                os.unlink(self._path)
                os.write(self._fd, b"ended\n")
        return others_have

    def close(self) -> None:
        """Give the role up."""
        os.close(self._fd)  # releases all locks of this process on the file

    def _may_write(self) -> bool:
        if self._has_role:
            state = os.fstat(self._fd)
            return state.st_size == self._size and state.st_nlink > 0
        size = os.fstat(self._fd).st_size
        if size != self._free_at:  # a process that takes the role changes it
            if not self._try_lock(_ROLE):
                return False
            self._unlock(_ROLE)
            self._free_at = size
        return True

    def _open(self) -> int:
        """Open the file, and make sure that it was not removed in the meantime: its lock would exclude no one."""
        os.makedirs(self._path.parent, exist_ok=True)
        while True:
            fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            with suppress(FileNotFoundError):
                if os.path.samestat(os.stat(self._path), os.fstat(fd)):
                    return fd
            os.close(fd)

    def _try_lock(self, byte: int) -> bool:
        try:
            fcntl.lockf(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, byte)
        except (BlockingIOError, PermissionError):  # POSIX allows EAGAIN and EACCES
            return False
        except OSError:  # a file system without locks excludes no process
            return True
        return True

    @contextmanager
    def _locked(self, byte: int) -> Iterator[None]:
        with suppress(OSError):  # see _try_lock
            fcntl.lockf(self._fd, fcntl.LOCK_EX, 1, byte)
        try:
            yield
        finally:
            self._unlock(byte)

    def _unlock(self, byte: int) -> None:
        with suppress(OSError):
            fcntl.lockf(self._fd, fcntl.LOCK_UN, 1, byte)
