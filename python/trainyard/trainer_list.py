"""List the trainers of this Python environment, for the API."""

from __future__ import annotations

import platform
import sys
from pathlib import Path
from typing import Any

from trainyard.prediction.job import describe as describe_prediction
from trainyard.scripts.describe import describe_scripts
from trainyard.scripts.standard import SETTINGS
from trainyard.trainers import TRAINERS, load_trainer


def list_trainers(folder: Path | None = None, cache_file: Path | None = None) -> dict[str, Any]:
    """Return the interpreter, and every trainer with defaults, options and versions; the jobs that predict separately.

    Neither imports PyTorch nor runs a script.

    Args:
        folder: folder with scripts of the user, which are trainers too. Default: none.
        cache_file: cache of the descriptions of the scripts, for the next call. Default: none.
    """
    return {
        "python": {"version": platform.python_version(), "executable": sys.executable},
        "trainers": [*(_describe(name) for name in TRAINERS), *describe_scripts(folder, cache_file)],
        "prediction": {**describe_prediction(), "source": "SHIPPED", "accepts_arguments": False},
    }


def _describe(name: str) -> dict[str, Any]:
    shipped = {"source": "SHIPPED", "settings": list(SETTINGS), "accepts_arguments": False}
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
            **shipped,
        }
    return {**description, **shipped}
