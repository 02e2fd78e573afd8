"""Which packages of a trainer are installed, found without importing them."""

from __future__ import annotations

import importlib.metadata
import platform
from collections.abc import Iterable
from contextlib import suppress
from importlib.util import find_spec


def inspect_libraries(names: Iterable[str]) -> tuple[dict[str, str], list[str]]:
    """Return the versions of Python and of the installed libraries, and the names of the missing ones.

    Args:
        names: distributions; their modules have the same names.
    """
    versions = {"python": platform.python_version()}
    missing: list[str] = []
    for name in names:
        if find_spec(name) is None:
            missing.append(name)
            continue
        with suppress(importlib.metadata.PackageNotFoundError):  # on the path but not installed: version unknown
            versions[name] = importlib.metadata.version(name)
    return versions, missing
