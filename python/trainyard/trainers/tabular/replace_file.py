"""Files that are either the old one or the new one, whenever somebody looks, and whatever dies in between."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO


def replace_file(path: Path, staging: Path, write: Callable[[BinaryIO], object]) -> None:
    """Write a staged file to the disk, then rename it: a reader, or a power cut, never meets half of it.

    Args:
        path: the file to be; its folder is made if there is none.
        staging: a folder on the same file system, for the file while it is written.
        write: writes the content.

    Raises:
        OSError: the disk does not take it; the old file is untouched.
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
