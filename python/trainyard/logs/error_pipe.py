"""The standard error that a process was started with, for messages that must reach the log of the job."""

from __future__ import annotations

import fcntl
import os
import sys
from contextlib import suppress

_LOWEST = 64  # a script may expect the low numbers for its own files


class ErrorPipe:
    """Keeps standard error open, also if the script closes or redirects its own."""

    def __init__(self) -> None:
        self._fd = -1
        self._file: tuple[int, int] | None = None
        with suppress(OSError):
            self._file = _identity(2)
            self._fd = fcntl.fcntl(2, fcntl.F_DUPFD_CLOEXEC, _LOWEST)

    def write_if_lost(self, text: str) -> None:
        """Write a text, unless ``sys.stderr`` still leads to the same file, where it already is."""
        if self._file is None or self._is_in_use():
            return
        with suppress(OSError):
            if _identity(self._fd) == self._file:  # not a file that the script has opened with this number
                os.write(self._fd, text.encode("utf-8", "backslashreplace"))

    def _is_in_use(self) -> bool:
        try:
            return sys.stderr is not None and not sys.stderr.closed and _identity(sys.stderr.fileno()) == self._file
        except OSError:
            return False
        except Exception:  # a stream of the script without a descriptor: it probably writes to ours
            return True


def _identity(fd: int) -> tuple[int, int]:
    found = os.fstat(fd)
    return found.st_dev, found.st_ino
