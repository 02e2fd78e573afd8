"""The training state in a file: all that is needed to go on with a training as if nothing had happened.

It is what `torch.save` writes, with its own SHA-256 behind it, so that damage is found before anything is used.
Reading never runs code from the file.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import torch

from trainyard.trainers.tabular.replace_file import replace_file

# Of the layout: one that this program does not know is no state it can use.
VERSION = 1

_CHECKSUM_LABEL = b"\ntrainyard sha256 "
_CHECKSUM_BYTES = len(_CHECKSUM_LABEL) + 64


class DamagedStateError(ValueError):
    """A file that holds no training state this program can use; the message says why."""


def state_path(checkpoint: Path) -> Path:
    """Where the training state lies that belongs to a checkpoint."""
    return checkpoint.with_suffix(".state.pt")


def write_state(path: Path, staging: Path, state: Mapping[str, Any]) -> None:
    """Write a training state, complete or not at all.

    Args:
        path: where it goes; replaced if it is there.
        staging: a folder on the same file system, for the file while it is written.
        state: tensors, numbers, texts, None, and lists and dicts of them.

    Raises:
        OSError: the disk does not take it; the old file is untouched.
    """

    def write(file: BinaryIO) -> None:
        hashing = _HashingWriter(file)
        torch.save({**state, "version": VERSION}, hashing)  # type: ignore[arg-type]
        file.write(_CHECKSUM_LABEL + hashing.hexdigest().encode())

    replace_file(path, staging, write)


def read_state(path: Path) -> dict[str, Any] | None:
    """The training state in a file, on the CPU; None when there is no file.

    Raises:
        DamagedStateError: the file is damaged, holds something else, or wants code to be run.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DamagedStateError(f"it cannot be read ({error})") from error
    content, checksum = data[:-_CHECKSUM_BYTES], data[-_CHECKSUM_BYTES:]
    if checksum != _CHECKSUM_LABEL + hashlib.sha256(content).hexdigest().encode():
        raise DamagedStateError("its checksum does not match")
    try:
        state: dict[str, Any] = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
        version = state["version"]
    # torch.load has no exception of its own: what it raises depends on where a foreign file stops making sense.
    except Exception as error:
        raise DamagedStateError(f"it holds no training state ({type(error).__name__})") from error
    if version != VERSION:
        raise DamagedStateError(f"it has version {version}, and this program reads {VERSION}")
    return state


class _HashingWriter:
    """Passes on what `torch.save` writes, which it does from the first byte to the last, and hashes it on the way."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._hash = hashlib.sha256()

    def write(self, data: bytes) -> int:
        self._hash.update(data)
        return self._file.write(data)

    def flush(self) -> None:
        self._file.flush()

    def hexdigest(self) -> str:
        return self._hash.hexdigest()
