"""Network after RealMLP (https://arxiv.org/abs/2407.04491): a multilayer perceptron with defaults that suit tables."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from trainyard.trainers.tabular.architecture import Architecture
from trainyard.trainers.tabular.base import CLIP
from trainyard.trainers.tabular.number_embedding import OUTPUTS, NumberEmbedding


class TabularNetwork(nn.Module):
    """outputs = linear(features) + hidden(features) + base(x), where features are the inputs with compressed numbers.

    Without hidden layers, this is linear or multinomial logistic regression.

    Args:
        architecture: sizes, activation and parts.
        dropout: probability that a hidden unit is dropped in training. Default: 0.0.

    Shape:
        (rows, inputs) -> (rows, outputs): standardized targets or logits.
    """

    is_number: Tensor

    def __init__(self, architecture: Architecture, dropout: float = 0.0) -> None:
        super().__init__()
        is_number = torch.zeros(architecture.inputs, dtype=torch.bool)
        is_number[architecture.numbers] = True
        self.register_buffer("is_number", is_number, persistent=False)
        self.linear = ScaledLinear(architecture.inputs, architecture.outputs)
        self.hidden = _hidden_layers(architecture, dropout) if architecture.hidden else None
        self.base = nn.Linear(architecture.inputs, architecture.outputs) if architecture.has_base else None
        if self.base is not None:
            self.base.requires_grad_(False)

    def features(self, x: Tensor) -> Tensor:
        """Return the inputs with smoothly compressed numbers: x / sqrt(1 + (x / CLIP)^2)."""
        return torch.where(self.is_number, x * torch.rsqrt(1 + (x / CLIP) ** 2), x)

    def learned(self, features: Tensor) -> Tensor:
        """Return the outputs without the base."""
        outputs: Tensor = self.linear(features)
        return outputs if self.hidden is None else outputs + self.hidden(features)

    def forward(self, x: Tensor) -> Tensor:
        """Return standardized targets or logits, shape (rows, outputs)."""
        outputs = self.learned(self.features(x))
        return outputs if self.base is None else outputs + self.base(x)

    @torch.no_grad()
    def initialize(self, features: Tensor) -> None:
        """Initialize the hidden layers from training rows: each unit has variance 1 and bends within the data."""
        if self.hidden is None:
            return
        for layer in self.hidden:
            if isinstance(layer, ScaledLinear) and layer is not self.hidden[-1]:
                layer.initialize(features)
            features = layer(features) if not isinstance(layer, nn.Dropout) else features


class ScaledLinear(nn.Module):
    """Linear layer with a factor for each input, 1 / sqrt(inputs), so that one learning rate suits all widths."""

    factor: Tensor

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(outputs, inputs))
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.register_buffer("factor", torch.full((inputs,), 1 / math.sqrt(inputs)))

    def forward(self, x: Tensor) -> Tensor:
        """Return the outputs, shape (rows, outputs)."""
        return functional.linear(x * self.factor, self.weight, self.bias)

    @torch.no_grad()
    def initialize(self, x: Tensor) -> None:
        """Draw weights that give each unit variance 1 on these rows, and biases that put its zero among them."""
        self.weight.normal_()
        units = (x * self.factor) @ self.weight.t()
        spread = units.std(dim=0, correction=0).clamp_min(1e-6)
        self.weight.div_(spread[:, None])
        # The zero of each unit is a random mean of five rows.
        chosen = torch.randint(len(x), (5, units.shape[1]), device=x.device)
        shares = torch.empty(chosen.shape, device=x.device).exponential_()
        self.bias.copy_(-((units / spread).gather(0, chosen) * shares / shares.sum(dim=0)).sum(dim=0))


class InputScale(nn.Module):
    """Multiplies each input by a learned factor: a fast way to ignore inputs that carry no signal."""

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(inputs))

    def forward(self, x: Tensor) -> Tensor:
        """Return the scaled inputs."""
        return x * self.scale


class Activation(nn.Module):
    """(1 - a) x + a f(x), with a learned `a` for each unit."""

    def __init__(self, units: int, function: str) -> None:
        super().__init__()
        self.share = nn.Parameter(torch.ones(units))
        self.function = functional.selu if function == "selu" else functional.mish

    def forward(self, x: Tensor) -> Tensor:
        """Return the activations."""
        return torch.lerp(x, self.function(x), self.share)


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


def _hidden_layers(architecture: Architecture, dropout: float) -> nn.Sequential:
    layers: list[nn.Module] = []
    width = architecture.inputs
    if architecture.embeds_numbers and architecture.numbers:
        layers.append(Embedded(width, architecture.numbers))
        width = layers[-1].width  # type: ignore[assignment]
    layers.append(InputScale(width))
    for units in architecture.hidden:
        # Also with dropout 0, so that the names of the weights do not depend on dropout.
        layers += [ScaledLinear(width, units), Activation(units, architecture.activation), nn.Dropout(dropout)]
        width = units
    return nn.Sequential(*layers, ScaledLinear(width, architecture.outputs))
