"""Network of models of format version 1, so that they can still predict."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn


class TabularNetworkV1(nn.Module):
    """outputs = linear(x) + hidden(x).

    Without hidden layers, this is linear or multinomial logistic regression. With hidden layers, the linear part is a
    baseline.

    Args:
        inputs: number of input features.
        outputs: number of classes or targets.
        hidden: number of units in each hidden layer; can be empty. Default: ().
        dropout: probability that a hidden unit is dropped in training. Default: 0.0.

    Shape:
        (rows, inputs) -> (rows, outputs): standardized targets or logits.
    """

    def __init__(self, inputs: int, outputs: int, hidden: Sequence[int] = (), dropout: float = 0.0) -> None:
        super().__init__()
        self.linear = nn.Linear(inputs, outputs)
        # Before the first step, the network predicts the mean of the targets.
        nn.init.zeros_(self.linear.weight)
        nn.init.zeros_(self.linear.bias)
        self.hidden = _hidden_layers(inputs, outputs, hidden, dropout) if hidden else None

    def forward(self, x: Tensor) -> Tensor:
        """Return standardized targets or logits, shape (rows, outputs)."""
        outputs: Tensor = self.linear(x)
        return outputs if self.hidden is None else outputs + self.hidden(x)


def _hidden_layers(inputs: int, outputs: int, hidden: Sequence[int], dropout: float) -> nn.Sequential:
    layers: list[nn.Module] = []
    width = inputs
    for units in hidden:
        # Also with dropout 0, so that the names of the weights do not depend on dropout.
        layers += [nn.Linear(width, units), nn.ReLU(), nn.Dropout(dropout)]
        width = units
    last = nn.Linear(width, outputs, bias=False)
    nn.init.zeros_(last.weight)
    return nn.Sequential(*layers, last)
