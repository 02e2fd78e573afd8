"""Limits on what reading a file of unknown origin may cost this process."""

from __future__ import annotations

import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

# A raised error can get lost where Python ignores errors, such as a finalizer: the timer then fires again.
_AGAIN_SECONDS = 0.5


class TooCostlyError(Exception):
    """The work took more processor time than it was given."""


def limit_memory(mebibytes: int) -> None:
    """Make allocations beyond this much address space raise MemoryError, for the rest of this process.

    Nothing happens where the system refuses the limit.
    """
    size = mebibytes * 2**20
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (size, size))


@contextmanager
def cpu_limit(seconds: float | None) -> Iterator[None]:
    """Raise TooCostlyError inside the block after `seconds` of processor time; None sets no limit.

    Processor time and not wall-clock time: a busy machine must not turn a good file into a bad one. Main thread only.
    """
    if seconds is None:
        yield
        return

    def give_up(_number: int, _frame: FrameType | None) -> None:
        raise TooCostlyError(f"it took more than {seconds:g} seconds of processor time")

    before = signal.signal(signal.SIGPROF, give_up)
    signal.setitimer(signal.ITIMER_PROF, seconds, _AGAIN_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
