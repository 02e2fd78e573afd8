"""SIGTERM and SIGINT as a flag that a training looks at, and not as a sudden end."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any


class StopSignal:
    """Whether somebody asked this process to stop.

    A signal handler runs between any two instructions of the main thread, also while that thread holds a lock.
    So ours takes none: it sets a flag and calls ``on_request``, which must not take one either. A second signal
    changes nothing.
    """

    _SIGNALS = (signal.SIGTERM, signal.SIGINT)

    def __init__(self, on_request: Callable[[], None]) -> None:
        self.requested = False
        self._on_request = on_request
        self._pid = os.getpid()
        self._previous: dict[signal.Signals, Any] = {}

    def install(self) -> None:
        """Take over the signals; does nothing outside the main thread, where Python does not allow it."""
        if threading.current_thread() is threading.main_thread():
            for number in self._SIGNALS:
                self._previous[number] = signal.signal(number, self._handle)

    def restore(self) -> None:
        """Give the signals back to whoever had them, unless somebody else took them over since."""
        for number, handler in self._previous.items():
            if signal.getsignal(number) == self._handle:
                signal.signal(number, signal.SIG_DFL if handler is None else handler)
        self._previous.clear()

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        if os.getpid() != self._pid:
            # A forked data loader inherits this handler, but not the training: there a signal means what it
            # meant before, or `Process.terminate()` would wait for ever.
            self.restore()
            os.kill(os.getpid(), number)
            return
        self.requested = True
        self._on_request()
