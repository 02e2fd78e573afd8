"""Call a function before ``os._exit``, which runs neither ``finally`` nor ``atexit``."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

_SECONDS = 5.0
"""Maximum time that an exit is delayed."""


class HardExit:
    """Calls ``prepare`` with the exit code before ``os._exit`` of this process, until ``remove``.

    Not in forked children, which usually end with ``os._exit``.
    """

    def __init__(self, prepare: Callable[[int], object]) -> None:
        self._prepare = prepare
        self._pid = os.getpid()
        self._previous = os._exit
        self._own = os._exit = self._exit

    def remove(self) -> None:
        """Restore ``os._exit``, unless other code has replaced it in the meantime."""
        self._pid = 0
        if os._exit is self._own:
            os._exit = self._previous

    def _exit(self, status: int) -> NoReturn:
        if os.getpid() == self._pid:
            # In a thread, because the caller can be a signal handler that has interrupted a report.
            prepare = threading.Thread(target=self._call, args=(status,), daemon=True)
            prepare.start()
            prepare.join(_SECONDS)
        self._previous(status)

    def _call(self, status: int) -> None:
        with suppress(Exception):  # Python restores signal handlers in the main thread only
            self._prepare(status)
