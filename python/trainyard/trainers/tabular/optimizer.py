"""Optimization algorithms on a vector of weights.

The classes of `torch.optim` do the same, but import the compiler of PyTorch when they are created, which takes a
second. Its functions do not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.optim.adam import adam

from trainyard.trainers.tabular.flat_parameters import FlatParameters
from trainyard.trainers.tabular.weight_groups import WeightGroup

BETAS = (0.9, 0.95)
MOMENTUM = 0.9


@dataclass(frozen=True)
class _Part:
    """Views of the weights of a group, their gradients and moments."""

    rate: float
    weight_decay: float
    weights: Tensor
    gradients: Tensor
    mean: Tensor
    square: Tensor
    steps: Tensor


class Optimizer:
    """Adam, AdamW or SGD with momentum.

    Args:
        parameters: the weights of all groups, in their order.
        groups: give the share of the learning rate, and say which weights decay.
        algorithm: "adam" (the penalty is part of the gradient), "adamw" (weights decay) or "sgd".
        weight_decay: L2 penalty.
    """

    def __init__(
        self, parameters: FlatParameters, groups: Sequence[WeightGroup], algorithm: str, weight_decay: float
    ) -> None:
        self._gradients, self._algorithm = parameters.gradients, algorithm
        self._mean, self._square = torch.zeros_like(parameters.values), torch.zeros_like(parameters.values)
        self._steps = torch.zeros(len(groups), device=parameters.values.device)
        self._parts: list[_Part] = []
        start = 0
        for group, steps in zip(groups, self._steps):
            place = slice(start, start + group.size)
            start += group.size
            self._parts.append(
                _Part(
                    rate=group.rate,
                    weight_decay=weight_decay if group.decays else 0.0,
                    weights=parameters.values[place],
                    gradients=parameters.gradients[place],
                    mean=self._mean[place],
                    square=self._square[place],
                    steps=steps,
                )
            )

    @torch.no_grad()
    def step(self, learning_rate: float | Tensor) -> None:
        """Update the weights with their gradients, and reset the gradients.

        Args:
            learning_rate: a number; for Adam and AdamW, also a tensor with one number on the device of the weights.
        """
        for part in self._parts:
            if self._algorithm == "sgd":
                part.mean.mul_(MOMENTUM).add_(part.gradients).add_(part.weights, alpha=part.weight_decay)
                assert not isinstance(learning_rate, Tensor)
                part.weights.sub_(part.mean, alpha=learning_rate * part.rate)
                continue
            adam(
                [part.weights],
                [part.gradients],
                [part.mean],
                [part.square],
                [],
                [part.steps],
                fused=True,
                decoupled_weight_decay=self._algorithm == "adamw",
                amsgrad=False,
                beta1=BETAS[0],
                beta2=BETAS[1],
                lr=learning_rate * part.rate,
                weight_decay=part.weight_decay,
                eps=1e-8,
                maximize=False,
            )
        self._gradients.zero_()

    def state_dict(self) -> dict[str, Any]:
        """Return steps and moments as tensors."""
        return {"steps": self._steps, "mean": self._mean, "square": self._square}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore a state from `state_dict`. Raises KeyError or RuntimeError for the state of another network."""
        for name, tensor in self.state_dict().items():
            tensor.copy_(state[name])
