"""Keep loaded models in memory, and load them again when their files change."""

from __future__ import annotations

import os
import stat
from collections import OrderedDict
from pathlib import Path

from trainyard.trainers.tabular.checkpoint import InvalidModelError, load_checkpoint
from trainyard.trainers.tabular.predict_rows import Model

MAX_MODELS = 16
MAX_MODEL_BYTES = 512 * 1024 * 1024
"""Maximum size of a model file; also of all files whose models are in memory."""

# Device, inode, size and modification time. Checkpoints are renamed into place, so a new one has another inode.
_Identity = tuple[int, int, int, int]


class ModelCache:
    """The models that were used last, by path and identity of the file."""

    def __init__(self) -> None:
        self._models: OrderedDict[Path, tuple[_Identity, Model]] = OrderedDict()

    def get(self, path: Path) -> Model:
        """Return the model of this file, as it is now.

        Raises:
            InvalidModelError: the file is missing, too large, damaged, or not a tabular model.
        """
        # Before the file is read: if it is replaced in between, the next call finds another identity.
        identity = _identity(path)
        known = self._models.pop(path, None)
        model = known[1] if known is not None and known[0] == identity else Model(*load_checkpoint(path))
        self._models[path] = identity, model
        while len(self._models) > MAX_MODELS or self._bytes() > MAX_MODEL_BYTES:
            self._models.popitem(last=False)
        return model

    def clear(self) -> None:
        """Forget every model."""
        self._models.clear()

    def _bytes(self) -> int:
        return sum(identity[2] for identity, _ in self._models.values())


def _identity(path: Path) -> _Identity:
    try:
        found = os.stat(path)
    except OSError as error:
        raise InvalidModelError(f"{path.name} cannot be read ({error.strerror}).") from error
    if not stat.S_ISREG(found.st_mode):
        raise InvalidModelError(f"{path.name} is not a file.")
    if found.st_size > MAX_MODEL_BYTES:
        raise InvalidModelError(
            f"{path.name} has {found.st_size} bytes; the maximum for single predictions is {MAX_MODEL_BYTES}. "
            "Start a prediction job for a dataset instead."
        )
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
