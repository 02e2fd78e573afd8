"""Limits on CPU time and memory for reading untrusted files."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

# Python can ignore an exception, for example in a finalizer: the timer then raises it again after this interval.
_REPEAT_SECONDS = 0.5


class TooCostlyError(Exception):
    """The work exceeded its CPU time limit."""


# Libraries reserve memory for each thread, on a machine of many cores more than a table needs. When the background
# thread of Polars' allocator cannot start, it tries again without end.
_FEW_THREADS = {
    "POLARS_MAX_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "_RJEM_MALLOC_CONF": "background_thread:false,narenas:1",
}


def limit_memory(mebibytes: int) -> None:
    """Limit the memory of this process, and the threads of libraries that it imports later.

    Above the limit, Python raises MemoryError, and Polars ends the process with SIGABRT. The address space is not
    limited: libraries reserve much more of it than they use. Does nothing if the system rejects the limit.
    """
    os.environ.update(_FEW_THREADS)
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
