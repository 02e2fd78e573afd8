"""Limit the rate of writes, without losing the last change."""

from __future__ import annotations

import math
import os
import select
import threading
import time
from collections.abc import Callable
from contextlib import suppress


class Throttle:
    """Calls ``write`` at most once per ``interval``: immediately if possible, otherwise later from a thread.

    A trainer can report in bursts and then compute for minutes. The thread writes the last report of a burst, and what
    collects while a trainer reports all the time, so that it does not wait for the disk. The thread waits on a pipe
    because, unlike a lock, a pipe can be used in a signal handler (see ``wake``).

    Args:
        write: writes the current state. Returns True on success, False to retry after the interval. Called with
            ``lock`` held.
        interval: minimum time between two writes, in seconds.
        has_more: called in the thread, with ``lock`` held, when nothing is left to write. Returns whether there is a
            change without ``touch``.
    """

    def __init__(self, write: Callable[[], bool], interval: float, has_more: Callable[[], bool]) -> None:
        self.lock = threading.Lock()
        """Hold it while changing the state that ``write`` writes."""
        self._write = write
        self._interval = interval
        self._has_more = has_more
        self._due = -math.inf
        self._dirty = False
        self._thread_is_waiting = False
        self._closing = False
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)
        os.set_blocking(self._wake_write, False)
        self._thread = threading.Thread(target=self._run, name="trainyard-status", daemon=True)
        self._thread.start()

    def touch(self) -> None:
        """Write a change now, or when the interval is over. Call it with ``lock`` held."""
        self._dirty = True
        if time.monotonic() >= self._due:
            self._write_now()
        self._let_thread_wait()

    @property
    def is_active(self) -> bool:
        """Whether the thread looks for changes when the interval is over. Otherwise, it needs ``touch``."""
        return self._thread_is_waiting

    def write_now(self) -> None:
        """Write immediately, regardless of the interval. Call it with ``lock`` held."""
        self._dirty = True
        self._write_now()

    def wake(self) -> None:
        """Make the thread write soon. Takes no lock, so that signal handlers can call it."""
        self._dirty = True
        self._notify_thread()

    def end_thread(self) -> None:
        """End the thread. The caller must write the last state itself."""
        self._closing = True
        self._notify_thread()
        self._thread.join()

    def close(self) -> None:
        """Close the pipe. Call it after ``end_thread()``, when ``wake`` can no longer be called."""
        os.close(self._wake_read)
        os.close(self._wake_write)

    def _notify_thread(self) -> None:
        with suppress(BlockingIOError):  # the pipe is full, so the thread is already notified
            os.write(self._wake_write, b"!")

    def _write_now(self) -> None:
        # Cleared first: a signal during the write sets it again.
        self._dirty = False
        if not self._write():
            self._dirty = True
        self._due = time.monotonic() + self._interval
        if self._dirty:
            self._let_thread_wait()

    def _let_thread_wait(self) -> None:
        """Make the thread look for changes when the interval is over."""
        if not self._thread_is_waiting:
            self._thread_is_waiting = True
            self._notify_thread()

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
        """Return the milliseconds until the next look; None if there is nothing to write."""
        if time.monotonic() >= self._due:
            if not self._dirty and not self._has_more():
                self._thread_is_waiting = False
                return None
            self._write_now()
        self._thread_is_waiting = True
        return max(0.0, self._due - time.monotonic()) * 1000
