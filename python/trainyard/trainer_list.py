"""List the trainers of this Python environment, for the API."""

from __future__ import annotations

import platform
import sys
from typing import Any

from trainyard.trainers import TRAINERS, load_trainer


def list_trainers() -> dict[str, Any]:
    """Return the interpreter and every trainer with defaults, options and versions, without importing PyTorch."""
    return {
        "python": {"version": platform.python_version(), "executable": sys.executable},
        "trainers": [_describe(name) for name in TRAINERS],
    }


def _describe(name: str) -> dict[str, Any]:
    try:
        description: dict[str, Any] = load_trainer(name).describe()
    except Exception as error:  # one broken trainer must not hide the others
        return {
            "name": name,
            "title": name,
            "description": "",
            "available": False,
            "unavailable_reason": f"The trainer {name!r} cannot be imported: {type(error).__name__}: {error}",
            "backends": [],
            "defaults": {},
            "options": {"type": "object"},
            "versions": {"python": platform.python_version()},
        }
    return description
