"""Choose the device of a training."""

from __future__ import annotations

import torch

from trainyard.trainers.invalid_options import InvalidOptionsError


def pick_device(wanted: str) -> torch.device:
    """Return the device for an option value; "auto" selects a GPU if available.

    Raises:
        InvalidOptionsError: the device is not available on this machine or in this build of PyTorch.
    """
    available = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if wanted == "auto":
        return torch.device(next(name for name, is_available in available.items() if is_available))
    if not available[wanted]:
        raise InvalidOptionsError(
            f'PyTorch {torch.__version__} found no {wanted} device. Set the option device to "auto".'
        )
    return torch.device(wanted)
