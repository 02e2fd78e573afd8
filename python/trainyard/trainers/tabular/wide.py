"""Tables with more inputs than rows, such as genes: how informative each input is, and steps that suit their sums."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

_POWER_ITERATIONS = 20


def signal_of(features: Tensor, targets: Tensor) -> Tensor:
    """Return a factor for each input: its correlation with the targets, divided by its spread.

    With factors, the model first relies on informative inputs, and thousands of others do not hide them. The rows have
    a mean square of 1 after the multiplication.

    Shape:
        `features` (rows, inputs), `targets` (rows,) with classes or (rows, targets). Returns (inputs,).
    """
    wanted = functional.one_hot(targets).float() if targets.ndim == 1 else targets
    wanted, centred = wanted - wanted.mean(dim=0), features - features.mean(dim=0)
    norms = centred.norm(dim=0).clamp_min(1e-12)
    correlations = (wanted.t() @ centred).abs() / norms / wanted.norm(dim=0).clamp_min(1e-12)[:, None]
    factors = correlations.amax(dim=0) / norms
    scaled: Tensor = factors / (features * factors).square().sum(dim=1).mean().sqrt().clamp_min(1e-12)
    return scaled


def curvature(inputs: Tensor, batch_size: int) -> float:
    """Return the largest curvature of the loss of a linear model on batches of these rows, shape (rows, inputs)."""
    direction = torch.ones(inputs.shape[1], device=inputs.device)
    for _ in range(_POWER_ITERATIONS):
        direction = inputs.t() @ (inputs @ direction)
        direction = direction / direction.norm().clamp_min(1e-30)
    return float((inputs @ direction).square().mean() + inputs.square().sum(dim=1).mean() / batch_size)
