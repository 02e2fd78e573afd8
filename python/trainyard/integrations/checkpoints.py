"""The newest checkpoint of a library, for the next attempt of the job.

Libraries save where the script says, which can be outside the home folder. A small file in the output folder of the job
therefore lists what this job has saved; another job with the same script never sees it.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path

from trainyard.integrations.report import Report, takes_part

_REMEMBERED = 10  # the library may delete the newest ones, as when it keeps only the best


def output_dir() -> Path | None:
    """Return the output folder of the job; None outside a job."""
    path = os.environ.get("TRAINYARD_OUTPUT_DIR")
    return Path(path) if path else None


def remember_checkpoint(library: str, path: str | os.PathLike[str], report: Report) -> None:
    """Record a complete checkpoint for later attempts, and report it if it is in the output folder of the job.

    The server shows no checkpoint elsewhere: such a report would hide an earlier one in the output folder.
    """
    folder = output_dir()
    if folder is None or not report.active:
        return
    known = _read(folder)
    saved = str(Path(path).absolute())
    known[library] = [saved, *(other for other in known.get(library, []) if other != saved)][:_REMEMBERED]
    staged = folder / f".checkpoints.{os.getpid()}"
    with suppress(OSError):  # a full disk must not end the training
        staged.write_text(json.dumps(known))
        staged.replace(folder / "checkpoints.json")
    if Path(saved).resolve().is_relative_to(folder.resolve()):
        with suppress(OSError, ValueError):  # it no longer exists, or its path is too long
            report.checkpoint(saved)


def numbered(name: str, training: int) -> str:
    """Return a name for the training with this number in a script, from 1: ``model``, ``model-2``."""
    return name if training == 1 else f"{name}-{training}"


def newest_checkpoint(library: str, report: Report) -> Path | None:
    """Return the newest checkpoint that an earlier attempt saved with this library.

    None in the first attempt, outside a job, or if none exists any more.
    """
    folder = output_dir()
    if folder is None or report.attempt < 2 or not takes_part(report):
        return None
    return next((path for path in map(Path, _read(folder).get(library, [])) if path.exists()), None)


def _read(folder: Path) -> dict[str, list[str]]:
    try:
        value = json.loads((folder / "checkpoints.json").read_text())
    except (OSError, ValueError):
        return {}
    if not isinstance(value, dict):
        return {}
    return {
        name: [path for path in paths if isinstance(path, str)]
        for name, paths in value.items()
        if isinstance(paths, list)
    }
