"""Find the checkpoint from which a script can continue."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from trainyard.files import Home

_SUFFIXES = (".ckpt", ".pt", ".pth", ".keras", ".safetensors")
_MAX_DEPTH = 5  # Lightning: lightning_logs/version_0/checkpoints/
_MAX_ENTRIES = 20_000


@dataclass(frozen=True)
class _Candidate:
    path: str
    at: int
    is_complete: bool


def find_checkpoint(home: Home, job_id: str, reported: object) -> str | None:
    """Return the path of the newest checkpoint of the earlier attempts; None if there is none.

    It is the one that the script reported with ``checkpoint()``, or else the newest entry of the output folder that
    looks like one: a folder ``checkpoint-*``, or a file ``*.ckpt``, ``*.pt``, ``*.pth``, ``*.keras`` or
    ``*.safetensors``.

    Args:
        reported: ``checkpoint`` of the status file.
    """
    if isinstance(reported, str) and "\0" not in reported:
        path = Path(os.path.normpath(home.path / reported))
        if path.is_relative_to(home.path) and path.exists():
            return str(path)
    found = list(_candidates(str(home.outputs(job_id))))
    # Transformers writes `trainer_state.json` late: without it, the folder of a killed save is incomplete.
    if any(candidate.is_complete for candidate in found):
        found = [candidate for candidate in found if candidate.is_complete]
    return max(found, key=lambda candidate: (candidate.at, candidate.path)).path if found else None


def _candidates(root: str) -> Iterator[_Candidate]:
    left = _MAX_ENTRIES
    folders = [(root, 0)]
    while folders:
        folder, depth = folders.pop()
        try:
            entries = list(os.scandir(folder))
        except OSError:
            continue
        for entry in entries:
            left -= 1
            if left < 0:
                return
            if entry.name.startswith((".", "tmp")):
                continue
            if entry.is_dir(follow_symlinks=False):
                if entry.name.startswith("checkpoint-"):
                    if any(os.scandir(entry.path)):
                        complete = os.path.exists(os.path.join(entry.path, "trainer_state.json"))
                        yield _Candidate(entry.path, entry.stat().st_mtime_ns, complete)
                elif depth < _MAX_DEPTH:
                    folders.append((entry.path, depth + 1))
            elif entry.name.endswith(_SUFFIXES) and entry.is_file(follow_symlinks=False):
                yield _Candidate(entry.path, entry.stat().st_mtime_ns, False)
