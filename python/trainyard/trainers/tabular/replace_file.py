"""Replace a file atomically."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO


def replace_file(path: Path, staging: Path, write: Callable[[BinaryIO], object]) -> None:
    """Write a temporary file, fsync it, and rename it to `path`. Readers see the old or the new file, never a part.

    Args:
        path: the file to replace; its folder is created if necessary.
        staging: folder for the temporary file, on the same file system.
        write: writes the content.

    Raises:
        OSError: the file cannot be written. The old file is unchanged.
    """
    staging.mkdir(parents=True, exist_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    staged = staging / f"{path.name}.{os.urandom(6).hex()}"
    try:
        with staged.open("xb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(staged, path)
    except BaseException:
        staged.unlink(missing_ok=True)
        raise
