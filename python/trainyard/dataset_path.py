"""Resolve the name of a dataset to a file, which is always inside ``datasets/`` of the home folder."""

from __future__ import annotations

import os
from pathlib import Path

from trainyard.data.errors import InvalidDatasetError
from trainyard.files import Home

_MAX_NAMES_SHOWN = 10


def resolve_dataset(home: Home, name: str) -> Path:
    """Return the real path of a dataset, with all links resolved.

    Raises:
        InvalidDatasetError: the file does not exist, is not a regular file, is hidden, or is outside ``datasets/``.
    """
    root = Path(os.path.realpath(home.datasets))
    try:
        path = Path(os.path.realpath(root / name))
    except ValueError as error:  # a NUL character
        raise InvalidDatasetError(f"{name!r} is not a file name: use a name relative to {root}.") from error
    if not path.is_relative_to(root):
        raise InvalidDatasetError(
            f"The dataset {name!r} is outside {root}: copy it into this folder and use its name there."
        )
    if any(part.startswith(".") for part in path.relative_to(root).parts):
        raise InvalidDatasetError(f"The dataset {name!r} is hidden: use a name that does not start with a dot.")
    if not path.exists():
        raise InvalidDatasetError(f"Dataset {name!r} not found in {root}. {_available_files(root)}")
    if not path.is_file():
        raise InvalidDatasetError(
            f"The dataset {name!r} in {root} is not a file: use the name of a CSV, TSV or JSONL file."
        )
    return path


def _available_files(root: Path) -> str:
    try:
        names = sorted(entry.name for entry in os.scandir(root) if entry.is_file())
    except OSError:
        names = []
    if not names:
        return "The folder is empty: copy a CSV, TSV or JSONL file there."
    more = f" and {len(names) - _MAX_NAMES_SHOWN} more" if len(names) > _MAX_NAMES_SHOWN else ""
    return f"Available files: {', '.join(names[:_MAX_NAMES_SHOWN])}{more}."
