"""Keeps an error in a hook away from the script: the hook is disabled instead."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TextIO


class Guard:
    """Calls the functions of one source. After the first exception, it disables the source and logs one line.

    Args:
        source: name for the log line.
        log: stream for the log line.
    """

    def __init__(self, source: str, log: TextIO) -> None:
        self.enabled = True
        self._source = source
        self._log = log

    def call(self, function: Callable[..., object], *args: object, **kwargs: object) -> object:
        """Return the result of the function; None after an exception."""
        if self.enabled:
            try:
                return function(*args, **kwargs)
            except Exception as error:
                self.disable(error)
        return None

    def disable(self, error: Exception) -> None:
        """Disable the source because of ``error``."""
        self.enabled = False
        with suppress(Exception):  # a broken standard error must not end the training
            self._log.write(
                f"trainyard: progress from {self._source} is no longer captured "
                f"({type(error).__name__}: {str(error)[:200]}); training continues.\n"
            )
