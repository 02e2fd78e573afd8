"""Network after RealMLP (https://arxiv.org/abs/2407.04491): a multilayer perceptron with defaults that suit tables."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from trainyard.trainers.tabular.architecture import Architecture
from trainyard.trainers.tabular.base import CLIP
from trainyard.trainers.tabular.layers import Activation, InputScale, ScaledLinear
from trainyard.trainers.tabular.number_embedding import Embedded


class TabularNetwork(nn.Module):
    """outputs = linear(features) + hidden(features) + base(x), where features are the inputs with compressed numbers.

    Without hidden layers, this is linear or multinomial logistic regression. With several members, `hidden` is
    the mean of as many networks: what each has learned from chance differs, and cancels out.

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
        """Return the outputs of each member without the base, shape (rows, outputs) or (members, rows, outputs)."""
        outputs: Tensor = self.linear(features)
        return outputs if self.hidden is None else outputs + self.hidden(features)

    def mean(self, outputs: Tensor) -> Tensor:
        """Return the mean of the members, shape (rows, outputs)."""
        return outputs if outputs.ndim == 2 else outputs.mean(dim=0)

    def forward(self, x: Tensor) -> Tensor:
        """Return standardized targets or logits, shape (rows, outputs)."""
        outputs = self.mean(self.learned(self.features(x)))
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


def _hidden_layers(architecture: Architecture, dropout: float) -> nn.Sequential:
    layers: list[nn.Module] = []
    width, members = architecture.inputs, architecture.members
    if architecture.embeds_numbers and architecture.numbers:
        layers.append(Embedded(width, architecture.numbers))
        width = layers[-1].width  # type: ignore[assignment]
    layers.append(InputScale(width, members))
    for units in architecture.hidden:
        # Also with dropout 0, so that the names of the weights do not depend on dropout.
        layers += [
            ScaledLinear(width, units, members),
            Activation(units, architecture.activation, members),
            nn.Dropout(dropout),
        ]
        width = units
    return nn.Sequential(*layers, ScaledLinear(width, architecture.outputs, members))
