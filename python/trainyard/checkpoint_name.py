"""The name of a checkpoint in the status file."""

from __future__ import annotations

import os
from pathlib import Path

from trainyard.files import Home

_MAX_LENGTH = 1_024  # in UTF-16 units; readers ignore a longer one


def checkpoint_name(home: Home, path: str | os.PathLike[str]) -> str:
    """Return the path of a checkpoint, a file or a folder, relative to the home folder.

    Raises:
        FileNotFoundError: there is no such file or folder.
        ValueError: it is outside the home folder, or its path is longer than 1,024 characters.
    """
    file = Path(os.path.normpath(home.path / path))
    if not file.is_relative_to(home.path):
        raise ValueError(f"The checkpoint {file} is outside {home.path}: save it in its 'models' folder.")
    if not (file.is_file() or file.is_dir()):  # nor a device or a FIFO
        raise FileNotFoundError(f"Checkpoint {file} not found: call checkpoint() after it is written.")
    name = file.relative_to(home.path).as_posix()
    if len(name.encode("utf-16-le", "surrogatepass")) > 2 * _MAX_LENGTH:
        raise ValueError(f"The checkpoint path {name[:40]!r}... is longer than 1,024 characters: shorten it.")
    return name
