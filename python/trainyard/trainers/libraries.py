"""Which packages of a trainer are installed, found without importing them."""

from __future__ import annotations

import importlib.metadata
import platform
from collections.abc import Iterable
from functools import cache
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
        version = _version_of(name)
        if version is not None:
            versions[name] = version
    return versions, missing


@cache
def _version_of(name: str) -> str | None:
    """The version of a distribution; None if it is on the path but not installed."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
