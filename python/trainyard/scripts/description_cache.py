"""Caches the descriptions of scripts in a file: parsing a script takes 100 times as long as checking its times."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from trainyard.scripts.folder import Script

_MAX_BYTES = 1 << 25
_YOUNG_SECONDS = 2.0  # another change of such a file may leave its times as they are: clocks of file systems are coarse


class DescriptionCache:
    """Descriptions of scripts, by file, size and times.

    A file that cannot be read or written, or that another version of this package has written, counts as empty.

    Args:
        file: the file; None keeps nothing.
    """

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._code = _code_version() if file is not None else ""
        self._known = self._read()
        self._current: dict[str, Any] = {}

    def get(self, script: Script, read: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Return the description of a script, as JSON; ``read`` returns it if the cache lacks it.

        An exception of ``read`` is raised, and not cached.
        """
        version = _version_of(script) if self._file is not None else None
        known = self._known.get(str(script.path))
        if version is not None and isinstance(known, dict) and known.get("version") == version:
            says: dict[str, Any] = known["says"]
        else:
            says = read()
        if version is not None:
            self._current[str(script.path)] = {"version": version, "says": says}
        return says

    def save(self) -> None:
        """Write the descriptions of the scripts that ``get`` was called for."""
        if self._file is None or self._current == self._known:
            return
        staged = self._file.with_name(f".{self._file.name}.{os.getpid()}")
        with suppress(OSError):  # a full disk, or a folder that cannot be written: the next call reads them again
            try:
                staged.write_text(json.dumps({"code": self._code, "scripts": self._current}))
                staged.replace(self._file)
            finally:
                staged.unlink(missing_ok=True)

    def _read(self) -> dict[str, Any]:
        if self._file is None:
            return {}
        try:
            if self._file.stat().st_size > _MAX_BYTES:
                return {}
            value = json.loads(self._file.read_text())
            return dict(value["scripts"]) if value["code"] == self._code else {}
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            return {}


def _version_of(script: Script) -> list[int | str] | None:
    """Return a key that changes with the file of a script; None if the file may change without a new key."""
    if script.path is None:
        return None
    try:
        found = script.path.stat()
    except OSError:
        return None
    if time.time() - max(found.st_mtime, found.st_ctime) < _YOUNG_SECONDS:
        return None
    return [script.shown, found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns]


def _code_version() -> str:
    """Return a key that changes with the code that reads scripts."""
    with os.scandir(Path(__file__).parent) as entries:
        times = sorted((entry.name, entry.stat().st_mtime_ns) for entry in entries if entry.name.endswith(".py"))
    return f"{sys.version} {times}"
