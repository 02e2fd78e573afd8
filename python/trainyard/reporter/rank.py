"""The rank of this process in a distributed training."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping


def rank(environ: Mapping[str, str] = os.environ) -> int:
    """Return the rank of this process; 0 if the training is not distributed, or its ranks are unknown.

    The sources, in this order: ``torch.distributed`` if the script has initialized it (children that
    ``torch.multiprocessing`` spawns have no variable), ``RANK`` (torchrun), ``SLURM_PROCID`` (srun).
    """
    distributed = getattr(sys.modules.get("torch"), "distributed", None)  # never imported here: that takes seconds
    try:
        if distributed is not None and distributed.is_available() and distributed.is_initialized():
            return int(distributed.get_rank())
    except Exception:  # a partly imported or mocked torch must not end the training
        pass
    for name in ("RANK", "SLURM_PROCID"):
        text = environ.get(name, "")
        if text.isdecimal():
            return int(text)
    return 0
