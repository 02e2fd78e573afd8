"""The checkpoint from which a script continues."""

from __future__ import annotations

import os
from pathlib import Path

from trainyard.files import Home


def checkpoint_of(home: Home, checkpoint: object) -> str | None:
    """Return the absolute path of the checkpoint from which an attempt continues; None if there is none.

    The runner has chosen it: the one that an earlier attempt reported, or else the newest one in the output folder. A
    backup of Keras is none for a script: only ``BackupAndRestore`` reads it.

    Args:
        checkpoint: ``checkpoint`` of the status file, as it was before the attempt.
    """
    if not isinstance(checkpoint, str) or "\0" in checkpoint:
        return None
    path = Path(os.path.normpath(home.path / checkpoint))
    if not path.is_relative_to(home.path) or not path.exists() or (path / "training_metadata.json").exists():
        return None
    return str(path)
