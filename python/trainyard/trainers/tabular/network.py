"""The network: a linear layer from the inputs to the outputs and, beside it, hidden layers for what is not linear."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class TabularNetwork(nn.Module):
    """outputs = linear(x) + hidden(x).

    With no hidden layer it is linear or multinomial logistic regression, and the linear part also gives larger
    networks a baseline they need not learn again.

    Args:
        inputs: width of x.
        outputs: one a class, or one a target.
        hidden: units of each hidden layer; may be empty.
        dropout: share of hidden units left out in training.

    Shape:
        (rows, inputs) -> (rows, outputs): standardised targets, or logits.
    """

    def __init__(self, inputs: int, outputs: int, hidden: Sequence[int] = (), dropout: float = 0.0) -> None:
        super().__init__()
        self.linear = nn.Linear(inputs, outputs)
        # The mean of the targets is the best guess before the first step.
        nn.init.zeros_(self.linear.weight)
        nn.init.zeros_(self.linear.bias)
        self.hidden = _hidden_layers(inputs, outputs, hidden, dropout) if hidden else None

    def forward(self, x: Tensor) -> Tensor:
        """Standardised targets, or logits."""
        outputs: Tensor = self.linear(x)
        return outputs if self.hidden is None else outputs + self.hidden(x)


def _hidden_layers(inputs: int, outputs: int, hidden: Sequence[int], dropout: float) -> nn.Sequential:
    layers: list[nn.Module] = []
    width = inputs
    for units in hidden:
        # Without dropout too, so that the layers' numbers, and with them the names of the weights, stay the same.
        layers += [nn.Linear(width, units), nn.ReLU(), nn.Dropout(dropout)]
        width = units
    last = nn.Linear(width, outputs, bias=False)
    nn.init.zeros_(last.weight)
    return nn.Sequential(*layers, last)


def pick_device(wanted: str) -> torch.device:
    """The device for an option value; auto prefers a GPU.

    Raises:
        ValueError: this machine, or this build of PyTorch, has no such device.
    """
    available = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if wanted == "auto":
        return torch.device(next(name for name, there in available.items() if there))
    if not available[wanted]:
        raise ValueError(f'PyTorch {torch.__version__} finds no {wanted} device here. Use the device "auto".')
    return torch.device(wanted)
