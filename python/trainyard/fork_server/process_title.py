"""Command line and environment of a process as ``/proc`` shows them, which a forked process has to set itself.

The kernel shows the memory in which it placed both at the start of the program. It cannot grow, so the fork server is
started with room in both.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Mapping, Sequence

ROOM = "TRAINYARD_FORK_SERVER_ROOM"
"""Environment variable that keeps room for the environment of the forked processes. They do not have it."""


class ProcessTitle:
    """The memory with the command line and the environment of this process.

    Create it before anything else reads the environment: the C library refers to this memory until then.

    Raises:
        OSError, ValueError: ``/proc`` does not say where it is.
    """

    def __init__(self) -> None:
        with open("/proc/self/stat", "rb") as file:
            line = file.read()
        fields = line[line.rindex(b")") + 2 :].split()
        # Fields 48 to 51 of the whole line: arg_start, arg_end, env_start, env_end.
        self._arguments, arguments_end, self._environment, environment_end = map(int, fields[45:49])
        self._arguments_size = arguments_end - self._arguments
        self._environment_size = environment_end - self._environment
        if self._arguments <= 0 or self._arguments_size <= 0 or self._environment_size <= 0:
            raise ValueError("/proc/self/stat does not say where the command line is.")
        os.environ.pop(ROOM, None)
        for name, value in os.environ.items():
            os.environ[name] = value  # a copy that is not in the memory

    def fits(self, arguments: Sequence[str], environment: Mapping[str, str]) -> bool:
        """Whether there is enough room for both."""
        return len(_words(arguments)) <= self._arguments_size and len(_settings(environment)) <= self._environment_size

    def show(self, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
        """Show this command line and this environment. They must fit."""
        for start, size, data in (
            (self._arguments, self._arguments_size, _words(arguments)),
            (self._environment, self._environment_size, _settings(environment)),
        ):
            if len(data) > size:
                raise ValueError("There is not enough room for the command line or the environment.")
            ctypes.memmove(start, data.ljust(size, b"\0"), size)


def become(title: ProcessTitle, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
    """Give this process a command line and an environment, as if it had been started with them."""
    for name in set(os.environ) - set(environment):
        del os.environ[name]
    for name, value in environment.items():
        if os.environ.get(name) != value:
            os.environ[name] = value
    title.show(arguments, environment)
    sys.orig_argv[:] = arguments
    sys.argv[:] = ["-m", *arguments[arguments.index("-m") + 2 :]]  # python -m <module> <arguments>
    sys.audit("trainyard.fork", *arguments)


def _words(words: Sequence[str]) -> bytes:
    return b"".join(os.fsencode(word) + b"\0" for word in words)


def _settings(environment: Mapping[str, str]) -> bytes:
    return _words([f"{name}={value}" for name, value in environment.items()])
