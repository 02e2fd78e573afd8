"""Kinds of weights that are trained at different rates. The values are those of RealMLP."""

from __future__ import annotations

from dataclasses import dataclass, field

from torch import nn

from trainyard.trainers.tabular.layers import Activation, InputScale
from trainyard.trainers.tabular.network import TabularNetwork
from trainyard.trainers.tabular.number_embedding import NumberEmbedding


@dataclass(frozen=True)
class WeightGroup:
    """Weights with the same share of the learning rate. `decays`: whether the L2 penalty applies."""

    rate: float
    decays: bool
    parameters: list[nn.Parameter] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Number of weights."""
        return sum(parameter.numel() for parameter in self.parameters)


def weight_groups(network: TabularNetwork) -> list[WeightGroup]:
    """Return the trainable weights of a network, in groups. Equal networks give equal groups in the same order."""
    groups: dict[tuple[float, bool], WeightGroup] = {}
    for module in network.modules():
        for name, parameter in module.named_parameters(recurse=False):
            if not parameter.requires_grad:
                continue
            slow = name == "bias" or isinstance(module, (Activation, NumberEmbedding))
            rate = 6.0 if isinstance(module, InputScale) else 0.1 if slow else 1.0
            kind = rate, name == "weight" or isinstance(module, NumberEmbedding)
            groups.setdefault(kind, WeightGroup(*kind)).parameters.append(parameter)
    return list(groups.values())
