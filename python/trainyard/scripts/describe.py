"""Describe a script as a trainer: the settings that it accepts, and whether it can run here. The script is not run."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from trainyard.scripts.accepted import MAX_DESCRIPTION, accepted_settings, interpreter_of, read_declared
from trainyard.scripts.description_cache import DescriptionCache
from trainyard.scripts.folder import Script, find_scripts
from trainyard.scripts.interpreter import install_command, missing_requirements
from trainyard.scripts.option import options_schema
from trainyard.scripts.source import UnusableScriptError
from trainyard.scripts.standard import default_of

MAX_SECONDS = 12.0
"""Maximum time to read all scripts; later ones are listed as unavailable."""

_MAX_SCRIPT_BYTES = 1 << 18
_MAX_BYTES = 1 << 23
"""Maximum size of all descriptions: the server reads at most 16 MiB."""

_DEFAULTS = ("epochs", "batch_size", "learning_rate", "seed")


def describe_scripts(folder: Path | None, cache_file: Path | None = None) -> Iterator[dict[str, Any]]:
    """Yield the description of every script in a folder and of installed packages.

    A script with a problem is described as unavailable, and affects no other.

    Args:
        cache_file: cache of the descriptions, so that the next call reads only scripts that have changed.
    """
    deadline = time.monotonic() + MAX_SECONDS
    left = _MAX_BYTES
    cache = DescriptionCache(cache_file)
    for script in find_scripts(folder):
        if time.monotonic() > deadline:
            late = f"Not read: reading the scripts took longer than {MAX_SECONDS:.0f} s. Move some of them away."
            yield _unavailable(script, late)
            continue
        description = _describe(script, folder, cache)
        if description is not None:
            size = len(json.dumps(description))
            if size > min(_MAX_SCRIPT_BYTES, left):
                yield _unavailable(script, "Its options are too long to be listed: shorten texts and lists of choices.")
                continue
            left -= size
            yield description
    cache.save()


def _describe(script: Script, folder: Path | None, cache: DescriptionCache) -> dict[str, Any] | None:
    """Describe one script; None if it is a module for other scripts, which does nothing when it is run."""
    try:
        source = cache.get(script, lambda: _describe_source(script))
        if not source["is_program"] and script.source == "FOLDER":
            return None
        # The environment can change without the script.
        interpreter = interpreter_of(script, folder, source["python"])
        missing, versions = missing_requirements(tuple(source["dependencies"]), source["requires_python"], interpreter)
    except UnusableScriptError as error:
        return _unavailable(script, str(error))
    except Exception as error:  # one script must not hide the others
        return _unavailable(script, f"{script.shown} cannot be described: {type(error).__name__}: {error}")
    reason = f"Missing packages. Install them with: {install_command(missing, interpreter)}" if missing else None
    return {
        "name": script.name,
        "title": source["title"] or script.name,
        "description": source["description"],
        "source": script.source,
        "available": reason is None,
        "unavailable_reason": reason,
        "backends": [],
        "defaults": source["defaults"],
        "settings": source["settings"],
        "accepts_arguments": True,
        "options": source["options"],
        "versions": {"python": interpreter.version or "", **versions},
    }


def _describe_source(script: Script) -> dict[str, Any]:
    """Return the description in the source of a script, as JSON."""
    declared = read_declared(script)
    settings, metadata = declared.settings, declared.metadata
    return {
        "is_program": declared.is_program,
        "title": metadata.title,
        "description": declared.description,
        "defaults": {name: default_of(name, settings[name]) if name in settings else None for name in _DEFAULTS},
        "settings": accepted_settings(declared),
        "options": options_schema(declared.options),
        "python": metadata.python,
        "dependencies": metadata.dependencies,
        "requires_python": metadata.requires_python,
    }


def _unavailable(script: Script, reason: str) -> dict[str, Any]:
    return {
        "name": script.name,
        "title": script.name,
        "description": "",
        "source": script.source,
        "available": False,
        "unavailable_reason": reason[:MAX_DESCRIPTION],
        "backends": [],
        "defaults": dict.fromkeys(_DEFAULTS),
        "settings": [],
        "accepts_arguments": True,
        "options": {"type": "object"},
        "versions": {},
    }
