"""Handle SIGTERM and SIGINT as stop requests: set a flag instead of ending the process."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

from trainyard.signals.prompt_signals import PromptSignals


class StopSignal:
    """Signal handler that records a stop request in ``requested``.

    A signal handler can run while the main thread holds a lock. The handler therefore takes no lock: it sets a flag and
    calls ``on_request``, which must not take one either. Further signals change nothing.
    """

    _SIGNALS = (signal.SIGTERM, signal.SIGINT)

    def __init__(self, on_request: Callable[[], None]) -> None:
        self.requested = False
        self._on_request = on_request
        self._pid = os.getpid()
        self._previous: dict[signal.Signals, Any] = {}
        self._main_is_busy = False
        self._must_interrupt = False
        self._prompt = PromptSignals()

    def install(self) -> None:
        """Install the handlers; does nothing outside the main thread, where Python does not allow it."""
        if threading.current_thread() is threading.main_thread():
            for number in self._SIGNALS:
                self._previous[number] = signal.signal(number, self._handle)
            self._prompt.install()

    def restore(self) -> None:
        """Restore the previous handlers, unless other code has replaced ours."""
        for number, handler in self._previous.items():
            if signal.getsignal(number) == self._handle:
                signal.signal(number, signal.SIG_DFL if handler is None else handler)
        self._previous.clear()
        if threading.current_thread() is threading.main_thread():
            self._prompt.remove()

    @property
    def arrived(self) -> bool:
        """Whether a stop signal arrived, also if the script has replaced the handler."""
        return self.requested or self._prompt.saw_stop()

    def interrupt_main(self) -> None:
        """Raise ``KeyboardInterrupt`` in the main thread, as Ctrl-C does. Can be called from any thread.

        A real signal is sent: it also ends a blocking system call, such as waiting for a child. Does nothing if other
        code has replaced the handler, which means that it handles stops itself.
        """
        main = threading.main_thread().ident
        if main is not None and signal.getsignal(signal.SIGTERM) == self._handle:
            self._must_interrupt = True
            signal.pthread_kill(main, signal.SIGTERM)

    def enter_critical(self) -> None:
        """Postpone ``interrupt_main`` until ``leave_critical``. Does nothing outside the main thread."""
        if threading.get_ident() == threading.main_thread().ident:
            self._main_is_busy = True

    def leave_critical(self) -> None:
        """End the effect of ``enter_critical``.

        Raises:
            KeyboardInterrupt: ``interrupt_main`` was postponed.
        """
        if threading.get_ident() == threading.main_thread().ident:
            self._main_is_busy = False
            self._interrupt_if_due()

    def cancel_interrupt(self) -> None:
        """Drop an interrupt that has not been raised."""
        self._must_interrupt = False

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        if os.getpid() != self._pid:
            # A forked data loader inherits this handler. Restore the previous handler there, or
            # `Process.terminate()` would wait forever.
            self.restore()
            os.kill(os.getpid(), number)
            return
        self.requested = True
        self._interrupt_if_due()
        self._on_request()

    def _interrupt_if_due(self) -> None:
        if self._must_interrupt and not self._main_is_busy:
            self._must_interrupt = False
            raise KeyboardInterrupt("stop requested")
