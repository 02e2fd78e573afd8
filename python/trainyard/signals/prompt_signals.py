"""Run the handlers of stop signals also if the main thread has just entered a blocking call.

CPython notes a signal and runs its handler in the main thread, between two instructions. If the signal arrives in the
moment before a system call such as that of ``time.sleep(600)``, nothing interrupts the call, and the handler waits for
its end. See https://docs.python.org/3/library/signal.html#execution-of-python-signal-handlers.
"""

from __future__ import annotations

import os
import signal
import threading
from contextlib import suppress

_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_NUDGE = signal.SIGURG  # ignored by default, and used by no library: it only interrupts a system call
_NUDGE_AFTER = (0.05, 0.5)  # seconds; the handler usually runs immediately


class PromptSignals:
    """Interrupts the system call of the main thread a moment after each stop signal, from a thread.

    Python retries interrupted calls automatically. Does nothing if other code, such as ``asyncio``, reads the signals.
    """

    def __init__(self) -> None:
        self._saw_stop = False
        self._checked = threading.Event()
        self._read_fd = self._write_fd = -1
        self._previous: object = None
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def install(self) -> None:
        """Start the thread. Call it in the main thread, after the installation of the handlers."""
        if self._thread is not None or signal.getsignal(_NUDGE) not in (signal.SIG_DFL, signal.SIG_IGN):
            return
        read_fd, write_fd = os.pipe()
        os.set_blocking(write_fd, False)
        other = signal.set_wakeup_fd(write_fd, warn_on_full_buffer=False)
        if other != -1:
            signal.set_wakeup_fd(other)
            os.close(read_fd)
            os.close(write_fd)
            return
        self._read_fd, self._write_fd = read_fd, write_fd
        self._previous = signal.signal(_NUDGE, _do_nothing)
        self._ended.clear()
        self._thread = threading.Thread(target=self._run, name="trainyard-signals", daemon=True)
        self._thread.start()

    def saw_stop(self) -> bool:
        """Whether a stop signal arrived, also if a handler of other code gets it."""
        if self._thread is not None and not self._saw_stop:
            self._checked.clear()
            with suppress(BlockingIOError):
                os.write(self._write_fd, b"\0")  # the thread reads it after the signals that have arrived
            self._checked.wait(1)
        return self._saw_stop

    def remove(self) -> None:
        """End the thread. Call it in the main thread."""
        if self._thread is None:
            return
        other = signal.set_wakeup_fd(-1)
        if other not in (self._write_fd, -1):
            signal.set_wakeup_fd(other)
        self._ended.set()
        with suppress(BlockingIOError):  # the pipe is full, so the thread is already awake
            os.write(self._write_fd, b"\0")
        self._thread.join()  # which a forked child does not have
        os.close(self._read_fd)
        os.close(self._write_fd)
        self._thread = None
        if signal.getsignal(_NUDGE) is _do_nothing:
            signal.signal(_NUDGE, self._previous)  # type: ignore[arg-type]

    def _run(self) -> None:
        """Interrupt the main thread after each stop signal."""
        main = threading.main_thread().ident
        while not self._ended.is_set():
            numbers = os.read(self._read_fd, 256)
            self._saw_stop = self._saw_stop or any(number in numbers for number in _STOP_SIGNALS)
            self._checked.set()
            if main is None or not any(number in numbers for number in _STOP_SIGNALS):
                continue
            for seconds in _NUDGE_AFTER:
                if self._ended.wait(seconds):
                    break
                if signal.getsignal(_NUDGE) is _do_nothing:  # its default action would interrupt nothing
                    with suppress(OSError):
                        signal.pthread_kill(main, _NUDGE)


def _do_nothing(_number: int, _frame: object) -> None:
    """Handler without which the signal would not interrupt a system call."""
