"""Limits on CPU time and memory for reading untrusted files."""

from __future__ import annotations

import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

# Python can ignore an exception, for example in a finalizer: the timer then raises it again after this interval.
_REPEAT_SECONDS = 0.5


class TooCostlyError(Exception):
    """The work exceeded its CPU time limit."""


def limit_memory(mebibytes: int) -> None:
    """Limit the data of this process; allocations above the limit raise MemoryError, or abort in a library.

    Not its address space, of which the threads of a library reserve gigabytes. Does nothing if the system rejects the
    limit.
    """
    size = mebibytes * 2**20
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_DATA, (size, size))


@contextmanager
def cpu_limit(seconds: float | None) -> Iterator[None]:
    """Raise TooCostlyError inside the block after `seconds` of CPU time; None sets no limit.

    CPU time instead of wall-clock time, so that the result does not depend on the load of the machine. Main thread
    only.
    """
    if seconds is None:
        yield
        return

    def give_up(_number: int, _frame: FrameType | None) -> None:
        raise TooCostlyError(f"reading it took more than {seconds:g} seconds of CPU time")

    previous = signal.signal(signal.SIGPROF, give_up)
    signal.setitimer(signal.ITIMER_PROF, seconds, _REPEAT_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, previous)
