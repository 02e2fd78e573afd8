"""Turn each numeric input into several ones, so that a network follows functions that bend or oscillate."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

FREQUENCIES, OUTPUTS = 16, 3
_FREQUENCY_SPREAD = 0.1


class NumberEmbedding(nn.Module):
    """x -> (x, W cos(2 pi (f x + p)) + b), with weights of its own for each input.

    The periodic, biased, linear and dense ("PBLD") embedding of RealMLP: https://arxiv.org/abs/2407.04491, section 3.

    Shape:
        (rows, numbers) -> (rows, numbers * (1 + OUTPUTS)).
    """

    def __init__(self, numbers: int) -> None:
        super().__init__()
        bound = 1 / math.sqrt(FREQUENCIES)
        self.frequency = nn.Parameter(2 * math.pi * _FREQUENCY_SPREAD * torch.randn(numbers, 1, FREQUENCIES))
        self.phase = nn.Parameter(torch.empty(numbers, 1, FREQUENCIES).uniform_(-math.pi, math.pi))
        self.weight = nn.Parameter(torch.empty(numbers, FREQUENCIES, OUTPUTS).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(numbers, 1, OUTPUTS).uniform_(-bound, bound))

    def forward(self, x: Tensor) -> Tensor:
        """Return the numbers and their embeddings."""
        waves = torch.cos(torch.baddbmm(self.phase, x.t().unsqueeze(2), self.frequency))
        embedded = torch.baddbmm(self.bias, waves, self.weight)  # (numbers, rows, OUTPUTS)
        return torch.cat([x, embedded.transpose(0, 1).flatten(1)], dim=1)


class Embedded(nn.Module):
    """Replaces the numbers among the inputs by their embeddings."""

    numbers: Tensor
    others: Tensor

    def __init__(self, inputs: int, numbers: Sequence[int]) -> None:
        super().__init__()
        others = sorted(set(range(inputs)) - set(numbers))
        self.register_buffer("numbers", torch.tensor(numbers), persistent=False)
        self.register_buffer("others", torch.tensor(others, dtype=torch.int64), persistent=False)
        self.embedding = NumberEmbedding(len(numbers))
        self.width = len(others) + len(numbers) * (1 + OUTPUTS)

    def forward(self, x: Tensor) -> Tensor:
        """Return the embeddings and the other inputs."""
        embedded = self.embedding(x.index_select(1, self.numbers))
        return torch.cat([embedded, x.index_select(1, self.others)], dim=1)
