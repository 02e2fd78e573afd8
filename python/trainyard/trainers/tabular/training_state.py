"""Save and load the training state, from which a later attempt continues.

The file is the output of `torch.save`, followed by its SHA-256 digest, so that damage is detected before use. Loading
never runs code from the file.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import torch

from trainyard.trainers.tabular.replace_file import replace_file

# Version of the layout. A state with another version is not used.
VERSION = 1

_CHECKSUM_LABEL = b"\ntrainyard sha256 "
_CHECKSUM_BYTES = len(_CHECKSUM_LABEL) + 64


class DamagedStateError(ValueError):
    """The file is not a training state that this program can use; the message gives the reason."""


def state_path(checkpoint: Path) -> Path:
    """Return the path of the training state for a checkpoint."""
    return checkpoint.with_suffix(".state.pt")


def write_state(path: Path, staging: Path, state: Mapping[str, Any]) -> None:
    """Write a training state atomically.

    Args:
        path: the file to write; an existing file is replaced.
        staging: folder for the temporary file, on the same file system.
        state: tensors, numbers, texts, None, and lists and dicts of them.

    Raises:
        OSError: the file cannot be written. The old file is unchanged.
    """

    def write(file: BinaryIO) -> None:
        hashing = _HashingWriter(file)
        torch.save({**state, "version": VERSION}, hashing)  # type: ignore[arg-type]
        file.write(_CHECKSUM_LABEL + hashing.hexdigest().encode())

    replace_file(path, staging, write)


def read_state(path: Path) -> dict[str, Any] | None:
    """Load a training state, with tensors on the CPU; None if the file does not exist.

    Raises:
        DamagedStateError: the file is damaged, not a training state, or would run code.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DamagedStateError(f"cannot read the file ({error})") from error
    content, checksum = data[:-_CHECKSUM_BYTES], data[-_CHECKSUM_BYTES:]
    if checksum != _CHECKSUM_LABEL + hashlib.sha256(content).hexdigest().encode():
        raise DamagedStateError("the checksum does not match")
    try:
        state: dict[str, Any] = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
        version = state["version"]
    # torch.load has no exception class of its own: the type depends on where an invalid file fails to parse.
    except Exception as error:
        raise DamagedStateError(f"the file is not a training state ({type(error).__name__})") from error
    if version != VERSION:
        raise DamagedStateError(f"version {version} is not supported; expected {VERSION}")
    return state


class _HashingWriter:
    """Writes to a file and hashes the data. Works because `torch.save` writes sequentially."""

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
