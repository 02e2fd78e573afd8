"""How far a simulation is, in a file, so that a later attempt goes on from there."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from trainyard.data.errors import InvalidDatasetError
from trainyard.files import Home, encode_json, read_json, write_json_atomically
from trainyard.spec import Spec

VERSION = 1


def save_steps(path: Path, spec: Spec, steps: int, steps_per_epoch: int) -> None:
    """Say that so many steps are done. The file, in the home's ``models/``, is replaced atomically.

    Raises:
        OSError: the disk does not take it; the old file is untouched.
    """
    state: dict[str, Any] = {
        "version": VERSION, "job_id": spec.job_id, "steps": steps, "steps_per_epoch": steps_per_epoch,
    }  # fmt: skip
    home = Home(path.parent.parent)
    write_json_atomically(home, spec.job_id, path, {**state, "sha256": _checksum(state)})


def saved_steps(path: Path, spec: Spec, steps_per_epoch: int) -> int:
    """The steps that earlier attempts have done; 0, with a line in the log, where the file is missing or damaged.

    Raises:
        InvalidDatasetError: the dataset has another number of rows now.
    """
    state = read_json(path)
    if state is None:
        reason = f"{path.name} is damaged" if path.exists() else "no earlier attempt has saved anything"
    elif state.pop("sha256", None) != _checksum(state) or state.get("version") != VERSION:
        reason = f"{path.name} is damaged"
    elif state["steps_per_epoch"] != steps_per_epoch:
        raise InvalidDatasetError(
            f"The dataset {spec.dataset!r} has changed since the job began: put the old file back, or start a new job."
        )
    else:
        return int(state["steps"])
    print(f"The simulation begins anew: {reason}.")
    return 0


def _checksum(state: dict[str, Any]) -> str:
    return hashlib.sha256(encode_json(state)).hexdigest()
