"""An append-only file that begins anew when it is full, and keeps the one before it."""

from __future__ import annotations

import os
from contextlib import suppress

from trainyard.append_file import AppendFile

MAX_LOG_BYTES = 64 << 20
"""A log is cut here. Implements "Limits" of ``src/runner/PROTOCOL.md``."""


class RotatingFile(AppendFile):
    """Appends whole records; before ``path`` grows beyond ``limit`` it is renamed to ``<path>.1``, over the one before.

    No record is cut in two, and none is lost but with the oldest file. Where the disk refuses the rename the file
    grows on: a log that is too long is better than none.

    Args:
        backlog: bytes kept while the disk refuses; records beyond it are lost.
        limit: bytes; ``MAX_LOG_BYTES`` when left out.
    """

    def __init__(self, path: str | os.PathLike[str], backlog: int = 1 << 20, limit: int | None = None) -> None:
        super().__init__(path, backlog)
        self._limit = MAX_LOG_BYTES if limit is None else limit

    def append(self, record: bytes) -> OSError | None:
        """Append one record (with its newline) in a single write; the error when the disk did not take all of it."""
        # A record that was begun is completed where it began.
        if self._fd is not None and not self._pending and self._is_full(len(record)):
            self._begin_anew()
        return super().append(record)

    def _is_full(self, more: int) -> bool:
        assert self._fd is not None
        # Asked every time, since others (a process that dies of an exception) append to the same file.
        size = os.fstat(self._fd).st_size
        return size > 0 and size + more > self._limit

    def _begin_anew(self) -> None:
        assert self._fd is not None
        old = os.fstat(self._fd)
        try:
            # Unless somebody else did it already: then theirs is the file to go on with.
            if os.path.samestat(os.stat(self.path), old):
                os.rename(self.path, f"{os.fspath(self.path)}.1")
        except FileNotFoundError:
            pass  # somebody took it away: a new one is made
        except OSError:
            return
        os.close(self._fd)
        self._fd = None
        with suppress(OSError):  # said by the append that follows
            self._fd = self._open()
            _take_along(old, self._fd)


def _take_along(old: os.stat_result, fd: int) -> None:
    """Let standard output and error go on in the new file where they went to the old one, as a supervisor's do."""
    for standard in (1, 2):
        if os.path.samestat(os.fstat(standard), old):
            os.dup2(fd, standard)
