"""An append-only file that is rotated when it is full; one previous file is kept."""

from __future__ import annotations

import os
from contextlib import suppress

from trainyard.logs.append_file import AppendFile

MAX_LOG_BYTES = 64 << 20
"""Size at which a log is rotated. Implements "Limits" of ``src/runner/PROTOCOL.md``."""


class RotatingFile(AppendFile):
    """Appends complete records. Before ``path`` exceeds ``limit``, it is renamed to ``<path>.1``, replacing that file.

    Records are never split, and only the replaced file is lost. If the rename fails, the file keeps growing.

    Args:
        backlog: size of the buffer for data that cannot be written, in bytes. Default: 1 MiB.
        limit: maximum size in bytes. Default: ``MAX_LOG_BYTES``.
    """

    def __init__(self, path: str | os.PathLike[str], backlog: int = 1 << 20, limit: int | None = None) -> None:
        super().__init__(path, backlog)
        self._limit = MAX_LOG_BYTES if limit is None else limit

    def append(self, record: bytes) -> OSError | None:
        """Append a record (with its newline) in a single write. Returns the error if not everything was written."""
        # A partly written record is completed in the same file.
        if self._fd is not None and not self._pending and self._is_full(len(record)):
            self._rotate()
        return super().append(record)

    def _is_full(self, more: int) -> bool:
        assert self._fd is not None
        # Read every time, because other processes append to the same file.
        size = os.fstat(self._fd).st_size
        return size > 0 and size + more > self._limit

    def _rotate(self) -> None:
        assert self._fd is not None
        old = os.fstat(self._fd)
        try:
            # If another process has already rotated the file, use the new one.
            if os.path.samestat(os.stat(self.path), old):
                os.rename(self.path, f"{os.fspath(self.path)}.1")
        except FileNotFoundError:
            pass  # the file was removed: create a new one
        except OSError:
            return
        os.close(self._fd)
        self._fd = None
        with suppress(OSError):  # the following append returns the error
            self._fd = self._open()
            _redirect_standard_streams(old, self._fd)


def _redirect_standard_streams(old: os.stat_result, fd: int) -> None:
    """Redirect standard output and error to ``fd`` if they point to the old file, as in a supervisor."""
    for standard in (1, 2):
        if os.path.samestat(os.fstat(standard), old):
            os.dup2(fd, standard)
