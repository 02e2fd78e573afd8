"""Whether the files that this process was loaded from have changed since: interpreter, packages and code."""

from __future__ import annotations

import os
import sys

_Stat = tuple[int, int, int, int] | None


class Fingerprint:
    """The state of every file that this process has loaded, and of every folder that it imports from.

    Create it after all imports. An installed, removed or upgraded package changes a folder.
    """

    def __init__(self) -> None:
        paths = {*_module_files(), *_mapped_files(), *_environment_files(), *(path for path in sys.path if path)}
        self._state = {path: _stat(path) for path in sorted(paths)}

    def has_changed(self) -> bool:
        """Whether any of them has changed, appeared or disappeared."""
        return any(_stat(path) != state for path, state in self._state.items())


def _module_files() -> set[str]:
    files = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
    return {file for file in files if isinstance(file, str)}


def _mapped_files() -> set[str]:
    """The shared libraries of this process, and the interpreter."""
    with open("/proc/self/maps", encoding="utf-8", errors="surrogateescape") as file:
        fields = [line.rstrip("\n").split(None, 5) for line in file]
    return {path for *_, path in (each for each in fields if len(each) == 6) if path.startswith("/")}


def _environment_files() -> tuple[str, ...]:
    return sys.executable, os.path.join(sys.prefix, "pyvenv.cfg")


def _stat(path: str) -> _Stat:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
