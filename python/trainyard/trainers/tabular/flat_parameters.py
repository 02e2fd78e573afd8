"""All weights of a network in one vector, and all gradients in another, so that an update is a few operations."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn


class FlatParameters:
    """These weights become views of `values`, in this order, and their gradients views of `gradients`."""

    def __init__(self, parameters: Sequence[nn.Parameter]) -> None:
        sizes = [parameter.numel() for parameter in parameters]
        self.values = torch.cat([parameter.detach().flatten() for parameter in parameters])
        self.gradients = torch.zeros_like(self.values)
        parts = zip(parameters, torch.split(self.values, sizes), torch.split(self.gradients, sizes))
        for parameter, value, gradient in parts:
            parameter.data = value.view(parameter.shape)
            parameter.grad = gradient.view(parameter.shape)
