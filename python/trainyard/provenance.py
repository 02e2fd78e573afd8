"""Record the script of an attempt, its arguments, its version in Git, the interpreter and the packages.

Implements "Provenance" of ``src/runner/PROTOCOL.md``. Standard library only. It never raises: a record that cannot be
made must not keep a training from starting.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from trainyard.files import Home, read_json, write_json_atomically
from trainyard.status import host_name

_MAX_SCRIPT = 128 * 1024  # bytes of the script that are copied; the hash is of the whole file
_MAX_HASHED = 64 * 1024 * 1024
_MAX_ARGUMENTS = 64 * 1024  # characters of all arguments together
_MAX_PACKAGES = 1_000
_MAX_SETTINGS = 128 * 1024  # characters as JSON
_GIT_SECONDS = 2.0  # for each command: a large repository on a slow disk must not delay the training
_MAX_STATUS = 1 << 16

_GIT = ("git", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "--no-optional-locks")
"""Git without any program that the repository's configuration can make it run."""


def record_provenance(
    home: Home, job_id: str, attempt: int, *, script: Path | None = None, arguments: Sequence[str] = ()
) -> None:
    """Write ``artifacts/provenance/<job_id>.json`` for an attempt that is about to train.

    Args:
        script: the file that runs, or a folder with a ``__main__.py``; None for a shipped trainer.
        arguments: its argument list.
    """
    with suppress(Exception):
        record = {
            "version": 1,
            "job_id": job_id,
            "attempt": attempt,
            "at": time.time(),
            "script": None if script is None else _script(script),
            "arguments": _shortened(arguments),
            "git": None if script is None else _git(script.resolve()),
            "python": {"version": platform.python_version(), "executable": sys.executable},
            "packages": installed_packages(),
            "host": {
                "name": host_name(),
                "system": f"{platform.system()} {platform.release()}",
                "machine": platform.machine(),
                "cpus": os.cpu_count(),
            },
        }
        path = home.provenance(job_id)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_json_atomically(home, job_id, path, record)


def record_settings(home: Home, job_id: str, settings: Mapping[str, Any]) -> None:
    """Add the settings that an attempt uses to its record, if it has one: those given, and all that the trainer chose.

    Args:
        settings: `epochs`, `batch_size`, `learning_rate`, `seed`, and `options` by name. Serialized as JSON.
    """
    with suppress(Exception):
        record = read_json(home.provenance(job_id))
        if record is not None and len(json.dumps(settings)) <= _MAX_SETTINGS:
            write_json_atomically(home, job_id, home.provenance(job_id), {**record, "settings": settings})


def _shortened(arguments: Sequence[str]) -> list[str]:
    kept: list[str] = []
    left = _MAX_ARGUMENTS
    for text in arguments:
        if left <= 0:
            break
        kept.append(text[:left])
        left -= len(text) + 1
    return kept


def _script(path: Path) -> dict[str, object] | None:
    file = path / "__main__.py" if path.is_dir() else path
    digest = hashlib.sha256()
    source = b""
    left = _MAX_HASHED
    with open(file, "rb") as stream:
        while left > 0 and (piece := stream.read(min(1 << 16, left))):
            digest.update(piece)
            left -= len(piece)
            if len(source) <= _MAX_SCRIPT:
                source += piece
    return {
        "name": path.name,
        "sha256": digest.hexdigest(),
        "source": source[:_MAX_SCRIPT].decode("utf-8", "replace"),
        "source_complete": len(source) <= _MAX_SCRIPT,
    }


def _git(path: Path) -> dict[str, object] | None:
    """Commit and state of the repository of a file; None if it is in none, or Git does not answer in time."""
    folder = path if path.is_dir() else path.parent
    commit = _run_git(folder, "rev-parse", "--verify", "HEAD")
    if not commit:
        return None
    # Also lists files that Git does not know: a script can import them.
    changes = _run_git(folder, "status", "--porcelain", "--ignore-submodules=all")
    branch = _run_git(folder, "rev-parse", "--abbrev-ref", "HEAD")
    return {
        "commit": commit.strip()[:64],
        "branch": (branch or "").strip()[:256] or None,
        "dirty": None if changes is None else changes.strip() != "",
    }


def _run_git(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            [*_GIT, "-C", str(folder), *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_GIT_SECONDS,
            env={**os.environ, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"},
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout[:_MAX_STATUS].decode("utf-8", "replace") if done.returncode == 0 else None


@cache
def installed_packages() -> dict[str, str]:
    """Return the versions of the installed packages by name, as they were at the first call."""
    from importlib.metadata import distributions

    found: dict[str, str] = {}
    for distribution in distributions():
        with suppress(Exception):  # a broken installation
            metadata = distribution.metadata  # each access parses the file
            if metadata["Name"] and len(found) < _MAX_PACKAGES:
                # The first one is the one that is imported.
                found.setdefault(str(metadata["Name"])[:128], str(metadata["Version"])[:64])
    return dict(sorted(found.items(), key=lambda item: item[0].lower()))
