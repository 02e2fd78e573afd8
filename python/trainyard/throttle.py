"""Write at most so often, and yet never leave the last change unwritten."""

from __future__ import annotations

import math
import os
import select
import threading
import time
from collections.abc import Callable
from contextlib import suppress


class Throttle:
    """Calls ``write`` at most once per ``interval`` seconds, at once where it may and from a thread where it must wait.

    A trainer reports in bursts and then computes for minutes; the thread sees to it that the last report of a burst
    is written although the trainer does not call again. It sleeps on a pipe, because a pipe, unlike a lock, may be
    used in a signal handler (see ``wake``).

    Args:
        write: writes the present state; True when it is written, False to try again after the interval. Always
            called with ``lock`` held.
        interval: seconds between two writes.
    """

    def __init__(self, write: Callable[[], bool], interval: float) -> None:
        self.lock = threading.Lock()
        """Held around every change of what ``write`` writes."""
        self._write = write
        self._interval = interval
        self._due = -math.inf
        self._dirty = False
        self._thread_watches = False
        self._closing = False
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)
        os.set_blocking(self._wake_write, False)
        self._thread = threading.Thread(target=self._run, name="trainyard-status", daemon=True)
        self._thread.start()

    def touch(self) -> None:
        """Something changed (``lock`` held): write it now, or as soon as the interval is over."""
        self._dirty = True
        if time.monotonic() >= self._due:
            self._write_now()
        elif not self._thread_watches:
            self._thread_watches = True
            self._ring()

    def write_now(self) -> None:
        """Write whatever the interval says (``lock`` held): for changes that nobody should wait for."""
        self._dirty = True
        self._write_now()

    def wake(self) -> None:
        """Have the thread write soon. Takes no lock: for signal handlers."""
        self._dirty = True
        self._ring()

    def end_thread(self) -> None:
        """Write nothing any more by itself. What is still unwritten stays so: the caller writes its last state."""
        self._closing = True
        self._ring()
        self._thread.join()

    def close(self) -> None:
        """Close the pipe, after ``end_thread()`` and once ``wake`` cannot be called any more."""
        os.close(self._wake_read)
        os.close(self._wake_write)

    def _ring(self) -> None:
        with suppress(BlockingIOError):  # the pipe is full: the thread is called already
            os.write(self._wake_write, b"!")

    def _write_now(self) -> None:
        # Cleared first: a signal that comes during the write makes it dirty again, and is not lost.
        self._dirty = False
        if not self._write():
            self._dirty = True
        self._due = time.monotonic() + self._interval
        if self._dirty and not self._thread_watches:
            self._thread_watches = True
            self._ring()

    def _run(self) -> None:
        poll = select.poll()
        poll.register(self._wake_read, select.POLLIN)
        wait: float | None = None
        while True:
            if poll.poll(wait):
                os.read(self._wake_read, 4096)
            if self._closing:
                return
            with self.lock:
                wait = self._write_if_due()

    def _write_if_due(self) -> float | None:
        """Milliseconds until the thread must look again; None when it may sleep."""
        if self._dirty and time.monotonic() >= self._due:
            self._write_now()
        self._thread_watches = self._dirty
        return max(0.0, self._due - time.monotonic()) * 1000 + 1 if self._dirty else None
