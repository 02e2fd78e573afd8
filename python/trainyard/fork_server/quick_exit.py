"""The end of a forked trainer."""

from __future__ import annotations

import atexit
import ctypes
import os
import sys
import weakref


class QuickExit:
    """Ends a process at the end of its exit handlers, so that Python does not free the memory of all modules.

    A forked process shares that memory with the fork server, and would have to copy it first: 0.25 s of CPU time. Until
    then the end is that of every Python process: it waits for threads, and calls the exit handlers of the libraries.

    Create it before the libraries are imported: exit handlers are called in the reverse order of their registration.
    """

    def __init__(self) -> None:
        self._code: int | None = None
        atexit.register(self._exit)

    def prepare(self, code: int) -> int:
        """Let this process end in this way, with an exit code. Returns the code."""
        self._code = code
        return code

    def _exit(self) -> None:
        if self._code is None:
            return
        for stream in (sys.stdout, sys.stderr):
            stream.flush()  # if it fails, Python ends the process as usual, and reports it
        ctypes.CDLL(None).fflush(None)  # output of native libraries
        os._exit(self._code)


def skip_finalizers() -> None:
    """Exempt the objects that exist now from the finalizers that Python calls at the end of this process and its forks.

    They only free what ends with the process. PyTorch has one for each group of operators, which takes back their
    registrations: in a forked process this copies shared memory, and takes 30 ms of CPU time.
    """
    for finalizer in list(getattr(weakref.finalize, "_registry", ())):
        finalizer.atexit = False
