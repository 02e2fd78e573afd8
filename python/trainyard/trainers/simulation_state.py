"""Save and load the completed steps of a simulation, so that a later attempt can continue."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from trainyard.data.errors import InvalidDatasetError
from trainyard.files import Home, encode_json, read_json, write_json_atomically
from trainyard.spec import Spec

VERSION = 1


def save_steps(path: Path, spec: Spec, steps: int, steps_per_epoch: int) -> None:
    """Save the number of completed steps. Replaces the file, in ``models/`` of the home, atomically.

    Raises:
        OSError: the file cannot be written. The old file is unchanged.
    """
    state: dict[str, Any] = {
        "version": VERSION, "job_id": spec.job_id, "steps": steps, "steps_per_epoch": steps_per_epoch,
    }  # fmt: skip
    home = Home(path.parent.parent)
    write_json_atomically(home, spec.job_id, path, {**state, "sha256": _checksum(state)})


def saved_steps(path: Path, spec: Spec, steps_per_epoch: int) -> int:
    """Return the steps completed by earlier attempts; 0, with a log line, if the file is missing or damaged.

    Raises:
        InvalidDatasetError: the number of rows in the dataset has changed.
    """
    state = read_json(path)
    if state is None:
        reason = f"{path.name} is damaged" if path.exists() else "no earlier attempt saved its state"
    elif state.pop("sha256", None) != _checksum(state) or state.get("version") != VERSION:
        reason = f"{path.name} is damaged"
    elif state["steps_per_epoch"] != steps_per_epoch:
        raise InvalidDatasetError(
            f"The dataset {spec.dataset!r} has changed since the job started: "
            "restore the original file, or start a new job."
        )
    else:
        return int(state["steps"])
    print(f"The simulation restarts from the first step: {reason}.")
    return 0


def _checksum(state: dict[str, Any]) -> str:
    return hashlib.sha256(encode_json(state)).hexdigest()
