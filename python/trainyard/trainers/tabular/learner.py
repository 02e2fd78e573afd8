"""Network, averaged weights, optimizer and learning-rate scheduler, with training and validation steps."""

from __future__ import annotations

import copy
import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import ReduceLROnPlateau

from trainyard.spec import Spec
from trainyard.trainers.tabular.network import TabularNetwork
from trainyard.trainers.tabular.optimizer import make_optimizer
from trainyard.trainers.tabular.options import Options
from trainyard.trainers.tabular.prepare import Prepared
from trainyard.trainers.tabular.random_state import random_state, set_random_state
from trainyard.trainers.tabular.scores import accuracy, r2

# After this many epochs without a lower validation loss, the learning rate is multiplied by the factor.
PLATEAU_EPOCHS, PLATEAU_FACTOR = 5, 0.3
# Weights are averaged over about one epoch, but at most this many steps, to reduce the noise of single batches.
MAX_AVERAGED_STEPS = 1000
VALIDATION_ROWS_AT_ONCE = 65_536


class Learner:
    """A network and its data on a device.

    Losses are the mean squared error of standardized targets (always predicting the mean gives 1.0), or the cross
    entropy in nats.
    """

    def __init__(self, spec: Spec, options: Options, data: Prepared, device: torch.device) -> None:
        self.device = device
        self.inputs = torch.from_numpy(data.inputs).to(device)
        self.targets = torch.from_numpy(data.targets).to(device)
        self.validation = torch.from_numpy(data.validation).to(device)

        torch.manual_seed(spec.seed)
        schema = data.schema
        self.network = TabularNetwork(schema.inputs, schema.outputs, schema.hidden, options.dropout).to(device)
        self.average = copy.deepcopy(self.network).eval().requires_grad_(False)
        self.averaged_steps = min(math.ceil(len(data.training) / spec.batch_size), MAX_AVERAGED_STEPS)
        self.optimizer = make_optimizer(self.network, options, spec.learning_rate)
        self.scheduler = ReduceLROnPlateau(self.optimizer, factor=PLATEAU_FACTOR, patience=PLATEAU_EPOCHS)
        is_classification = schema.task == "classification"
        self.loss = nn.CrossEntropyLoss() if is_classification else nn.MSELoss()
        self.score = accuracy if is_classification else r2
        self.score_name = "val_accuracy" if is_classification else "val_r2"

    def learn(self, rows: Tensor, step: int) -> Tensor:
        """Run optimizer step number `step` of the job on these rows. Returns the loss before the update."""
        loss: Tensor = self.loss(self.network(self.inputs[rows]), self.targets[rows])
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        self._update_average(step)
        return loss.detach()

    @torch.no_grad()
    def validate(self) -> tuple[float, float]:
        """Return loss and score of the averaged weights on the validation rows."""
        parts = [self.average(self.inputs[rows]) for rows in torch.split(self.validation, VALIDATION_ROWS_AT_ONCE)]
        outputs, targets = torch.cat(parts), self.targets[self.validation]
        return float(self.loss(outputs, targets)), self.score(outputs, targets)

    @torch.no_grad()
    def outputs(self, weights: dict[str, Tensor], inputs: Tensor) -> Tensor:
        """Return the outputs of the network with these weights, from `weights`, for encoded inputs on the device.

        Shape:
            `inputs` (rows, schema.inputs) -> (rows, schema.outputs): standardized targets or logits.
        """
        parts = torch.split(inputs, VALIDATION_ROWS_AT_ONCE)
        return torch.cat([torch.func.functional_call(self.average, weights, (part,)) for part in parts])

    def adapt(self, val_loss: float) -> None:
        """Update the learning-rate scheduler with the validation loss of an epoch."""
        self.scheduler.step(val_loss)

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

    @torch.no_grad()
    def _update_average(self, step: int) -> None:
        """Add the weights of this step to the average: first the plain mean, later an exponential moving average."""
        share = 1 / min(step, self.averaged_steps)
        for average, newest in zip(self.average.parameters(), self.network.parameters()):
            average.lerp_(newest, share)
