"""A file descriptor that is kept for the last status of a job."""

from __future__ import annotations

import os
from contextlib import suppress


class SpareDescriptor:
    """Keeps one descriptor, so that a script that uses up all others still gets its last status."""

    def __init__(self) -> None:
        self._fd: int | None = None
        with suppress(OSError):  # there is none already
            self._fd = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)

    def free(self) -> None:
        """Make room for another file. Can be called more than once."""
        if self._fd is not None:
            with suppress(OSError):  # the script has closed it
                os.close(self._fd)
            self._fd = None
