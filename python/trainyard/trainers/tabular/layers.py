"""Layers of the network, with weights for one or several members.

Inputs of (rows, inputs) become (rows, outputs), or (members, rows, outputs) with several members.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional


class ScaledLinear(nn.Module):
    """Linear layer with a factor for each input, 1 / sqrt(inputs), so that one learning rate suits all widths."""

    factor: Tensor

    def __init__(self, inputs: int, outputs: int, members: int = 1) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(*_lead(members), outputs, inputs))
        self.bias = nn.Parameter(torch.zeros(*_lead(members), outputs))
        self.register_buffer("factor", torch.full((inputs,), 1 / math.sqrt(inputs)))

    def forward(self, x: Tensor) -> Tensor:
        """Return the outputs, shape (rows, outputs)."""
        if self.weight.ndim == 2:
            return functional.linear(x * self.factor, self.weight, self.bias)
        return torch.baddbmm(self.bias.unsqueeze(1), x * self.factor, self.weight.mT)

    @torch.no_grad()
    def initialize(self, x: Tensor) -> None:
        """Draw weights that give each unit variance 1 on these rows, and biases that put its zero among them."""
        self.weight.normal_()
        units = (x * self.factor) @ self.weight.mT
        spread = units.std(dim=-2, correction=0, keepdim=True).clamp_min(1e-6)
        self.weight.div_(spread.mT)
        # The zero of each unit is a random mean of five rows.
        chosen = torch.randint(x.shape[-2], (*units.shape[:-2], 5, units.shape[-1]), device=x.device)
        shares = torch.empty(chosen.shape, device=x.device).exponential_()
        shares /= shares.sum(dim=-2, keepdim=True)
        self.bias.copy_(-((units / spread).gather(-2, chosen) * shares).sum(dim=-2))


class InputScale(nn.Module):
    """Multiplies each input by a learned factor: a fast way to ignore inputs that carry no signal."""

    def __init__(self, inputs: int, members: int = 1) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(_vectors(members, inputs)))

    def forward(self, x: Tensor) -> Tensor:
        """Return the scaled inputs."""
        return x * self.scale


class Activation(nn.Module):
    """(1 - a) x + a f(x), with a learned `a` for each unit."""

    def __init__(self, units: int, function: str, members: int = 1) -> None:
        super().__init__()
        self.share = nn.Parameter(torch.ones(_vectors(members, units)))
        self.function = functional.selu if function == "selu" else functional.mish

    def forward(self, x: Tensor) -> Tensor:
        """Return the activations."""
        return torch.lerp(x, self.function(x), self.share)


def _lead(members: int) -> tuple[int, ...]:
    return () if members == 1 else (members,)


def _vectors(members: int, size: int) -> tuple[int, ...]:
    return (size,) if members == 1 else (members, 1, size)
