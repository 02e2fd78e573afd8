"""Network, averaged weights, optimizer and learning-rate schedule, with training and validation steps."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from trainyard.spec import Spec
from trainyard.trainers.tabular.architecture import Architecture
from trainyard.trainers.tabular.batch_size import choose_batch_size
from trainyard.trainers.tabular.flat_parameters import FlatParameters
from trainyard.trainers.tabular.network import TabularNetwork
from trainyard.trainers.tabular.optimizer import Optimizer
from trainyard.trainers.tabular.options import Options
from trainyard.trainers.tabular.plateau import PlateauSchedule
from trainyard.trainers.tabular.prepare import Prepared
from trainyard.trainers.tabular.random_state import random_state, set_random_state
from trainyard.trainers.tabular.recorded_step import RecordedStep
from trainyard.trainers.tabular.scores import accuracy, r2
from trainyard.trainers.tabular.weight_groups import WeightGroup, weight_groups
from trainyard.trainers.tabular.wide import curvature, signal_of

# Weights are averaged over about one epoch, but at most this many steps, to reduce the noise of single batches.
MAX_AVERAGED_STEPS = 1000
ROWS_AT_ONCE = 65_536
# Rows from which the initial weights are derived.
INITIAL_ROWS = 2048
# A regression tolerates larger steps than a classification.
REGRESSION_RATE = 5.0
# For a linear model, SGD with the default learning rate takes steps of 0.5 / curvature.
SGD_RATE = 12.5
# Hidden layers need smaller steps.
SGD_HIDDEN_SHARE = 0.1
# Reading a loss synchronizes with the GPU, and asking for a stop takes time, so both happen only at this interval.
STEPS_BETWEEN_CHECKS = 50
# Share of the probability that the training distributes over all classes; reduces overconfidence.
LABEL_SMOOTHING = 0.1


class Learner:
    """A network and its data on a device.

    Losses are the mean squared error of standardized targets (always predicting the mean gives 1.0), or the cross
    entropy in nats.
    """

    def __init__(self, spec: Spec, options: Options, data: Prepared, device: torch.device) -> None:
        self.device = device
        self.batch_size = spec.batch_size or choose_batch_size(len(data.training))
        self.inputs = torch.from_numpy(data.inputs).to(device)
        self.targets = torch.from_numpy(data.targets).to(device)
        self.validation = torch.from_numpy(data.validation).to(device)
        self._training = torch.from_numpy(data.training)

        torch.manual_seed(spec.seed)
        architecture = data.schema.network
        assert isinstance(architecture, Architecture)
        self.network = TabularNetwork(architecture, options.dropout).to(device)
        # They do not change in the training.
        self.features = self.network.features(self.inputs)
        training = torch.from_numpy(data.training).to(device)
        if architecture.is_wide:
            self.network.linear.factor.copy_(signal_of(self.features[training], self.targets[training]))
        self.network.initialize(self.features[training[:INITIAL_ROWS]])
        self.base = self._base_outputs(data)

        self.average = copy.deepcopy(self.network).eval()
        groups = weight_groups(self.network)
        self.parameters, self.averages = _flatten(groups), _flatten(weight_groups(self.average))
        self.average.requires_grad_(False)
        self.averaged_steps = min(math.ceil(len(training) / self.batch_size), MAX_AVERAGED_STEPS)

        is_linear, is_classification = self.network.hidden is None, data.schema.task == "classification"
        algorithm = options.optimizer
        if algorithm == "auto":
            algorithm = "sgd" if architecture.is_wide and is_linear else "adamw"
        self.algorithm = algorithm
        self.optimizer = Optimizer(self.parameters, groups, algorithm, options.weight_decay)
        rate = spec.learning_rate * (1 if is_classification else REGRESSION_RATE)
        if algorithm == "sgd":
            scaled = self.features[training] * self.network.linear.factor
            rate = spec.learning_rate * SGD_RATE / curvature(scaled, self.batch_size)
        self.scheduler = PlateauSchedule(rate if is_linear or algorithm != "sgd" else rate * SGD_HIDDEN_SHARE)
        self.loss: nn.Module = nn.MSELoss()
        self.training_loss: nn.Module = self.loss
        if is_classification:
            is_balanced = options.class_weights == "balanced"
            weights = balanced_weights(self.targets[training], data.schema.outputs) if is_balanced else None
            self.loss = nn.CrossEntropyLoss(weights)
            self.training_loss = nn.CrossEntropyLoss(weights, label_smoothing=0.0 if is_linear else LABEL_SMOOTHING)
        can_record = device.type == "cuda" and algorithm != "sgd"
        self.recorded = RecordedStep(self.batch_size, device) if can_record else None
        self.score = accuracy if is_classification else r2
        self.score_name = "val_accuracy" if is_classification else "val_r2"

    def batches(self, shuffle: torch.Generator) -> tuple[Tensor, ...]:
        """Return the batches of one epoch: indices of the training rows in random order, drawn from `shuffle`."""
        order = self._training[torch.randperm(len(self._training), generator=shuffle)]
        return torch.split(order.to(self.device), self.batch_size)

    def learn(self, rows: Tensor, step: int) -> Tensor:
        """Run optimizer step number `step` of the job on these rows. Returns the loss before the update."""
        rate = self.scheduler.rate(step)
        share = 1 / min(step, self.averaged_steps)  # first the plain mean, later an exponential moving average
        if self.recorded is None:
            return self._step(rows, rate, share)
        return self.recorded.run(self._step, rows, rate, share)

    @torch.no_grad()
    def validate(self) -> tuple[float, float]:
        """Return loss and score of the averaged weights on the validation rows."""
        network = self.average
        parts = torch.split(self.validation, ROWS_AT_ONCE)
        outputs = torch.cat([network.mean(network.learned(self.features[rows])) for rows in parts])
        targets = self.targets[self.validation]
        if self.base is not None:
            outputs += self.base[self.validation]
        return float(self.loss(outputs, targets)), self.score(outputs, targets)

    @torch.no_grad()
    def outputs(self, weights: dict[str, Tensor], inputs: Tensor) -> Tensor:
        """Return the outputs of the network with these weights, from `weights`, for encoded inputs on the device.

        Shape:
            `inputs` (rows, schema.inputs) -> (rows, schema.outputs): standardized targets or logits.
        """
        parts = torch.split(inputs, ROWS_AT_ONCE)
        return torch.cat([torch.func.functional_call(self.average, weights, (part,)) for part in parts])

    def adapt(self, val_loss: float) -> None:
        """Update the learning-rate schedule with the validation loss of an epoch."""
        self.scheduler.adapt(val_loss)

    def weights(self) -> dict[str, Tensor]:
        """Return a copy of the averaged weights, by name."""
        return {name: tensor.clone() for name, tensor in self.average.state_dict().items()}

    def state_dict(self) -> dict[str, Any]:
        """Return the state without the data: tensors, numbers, and lists and dicts of them."""
        return {
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "scheduler": self.scheduler.state_dict(),
            "random": random_state(self.device),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore a state from `state_dict`.

        Raises:
            KeyError, TypeError, ValueError, AttributeError, RuntimeError: the state is from another network or
                optimizer.
        """
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.scheduler.load_state_dict(state["scheduler"])
        set_random_state(state["random"], self.device)

    def _step(self, rows: Tensor, rate: float | Tensor, share: float | Tensor) -> Tensor:
        outputs = self.network.learned(self.features[rows])
        if self.base is not None:
            outputs = outputs + self.base[rows]
        loss = self._loss_of_members(outputs, self.targets[rows])
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step(rate)
        self.averages.values.lerp_(self.parameters.values, share)
        return loss.detach()

    def _loss_of_members(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the mean loss of the members: each learns separately."""
        if outputs.ndim > 2:
            members = len(outputs)
            outputs, targets = outputs.flatten(0, 1), targets.repeat(members, *[1] * (targets.ndim - 1))
        loss: Tensor = self.training_loss(outputs, targets)
        return loss

    @torch.no_grad()
    def _base_outputs(self, data: Prepared) -> Tensor | None:
        """Set the weights of the base. Returns its outputs for all rows, which do not change in the training."""
        if self.network.base is None or data.base is None:
            return None
        self.network.base.weight.copy_(torch.from_numpy(data.base.weight))
        self.network.base.bias.copy_(torch.from_numpy(data.base.bias))
        outputs: Tensor = self.network.base(self.inputs)
        return outputs


def balanced_weights(classes: Tensor, number: int) -> Tensor:
    """Return a weight for each class: the number of rows of an average class, divided by that of the class."""
    return len(classes) / number / classes.bincount(minlength=number).clamp_min(1)


def _flatten(groups: Sequence[WeightGroup]) -> FlatParameters:
    return FlatParameters([parameter for group in groups for parameter in group.parameters])
