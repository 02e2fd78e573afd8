"""From the name of a dataset to its file, which always lies inside the home's ``datasets/``."""

from __future__ import annotations

import os
from pathlib import Path

from trainyard.data.errors import InvalidDatasetError
from trainyard.files import Home

_MAX_NAMES_SHOWN = 10


def resolve_dataset(home: Home, name: str) -> Path:
    """The file of a dataset, with every link followed.

    Raises:
        InvalidDatasetError: there is no such file, it is not a regular file, or it lies outside ``datasets/``.
    """
    root = Path(os.path.realpath(home.datasets))
    try:
        path = Path(os.path.realpath(root / name))
    except ValueError as error:  # a NUL character
        raise InvalidDatasetError(f"{name!r} is not a file name: give one relative to {root}.") from error
    if not path.is_relative_to(root):
        raise InvalidDatasetError(
            f"The dataset {name!r} lies outside {root}: copy it there, and give its name in there."
        )
    if not path.exists():
        raise InvalidDatasetError(f"There is no dataset {name!r} in {root}. {_what_there_is(root)}")
    if not path.is_file():
        raise InvalidDatasetError(
            f"The dataset {name!r} in {root} is not a file: give the name of a CSV, TSV or JSONL file."
        )
    return path


def _what_there_is(root: Path) -> str:
    try:
        names = sorted(entry.name for entry in os.scandir(root) if entry.is_file())
    except OSError:
        names = []
    if not names:
        return "The folder is empty: copy a CSV, TSV or JSONL file there."
    more = f" and {len(names) - _MAX_NAMES_SHOWN} more" if len(names) > _MAX_NAMES_SHOWN else ""
    return f"There is: {', '.join(names[:_MAX_NAMES_SHOWN])}{more}."
