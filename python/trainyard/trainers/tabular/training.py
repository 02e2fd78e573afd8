"""The training itself: batches, validation, best weights, early stopping."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import ReduceLROnPlateau

from trainyard.files import Home
from trainyard.reporter import Reporter
from trainyard.spec import Spec
from trainyard.trainers.tabular.checkpoint import save_checkpoint
from trainyard.trainers.tabular.network import TabularNetwork, pick_device
from trainyard.trainers.tabular.options import Options
from trainyard.trainers.tabular.prepare import Prepared, prepare
from trainyard.trainers.tabular.scores import accuracy, r2

# Hidden layers take this share of the learning rate: the linear part is convex and bears large steps, they do not.
HIDDEN_SHARE = 0.05
# After so many epochs without a better validation loss the learning rate falls to this part of itself.
PLATEAU_EPOCHS, PLATEAU_FACTOR = 5, 0.3
# Weights are averaged over about one epoch, at most over so many steps: single batches then shake them less.
MAX_AVERAGED_STEPS = 1000
# Reading a loss makes a GPU wait, so that divergence is looked for at intervals.
STEPS_BETWEEN_CHECKS = 50
VALIDATION_ROWS_AT_ONCE = 65_536


class DivergedError(RuntimeError):
    """The loss is no number any more: the weights have grown without bound."""


@dataclass
class Best:
    """The weights with the lowest validation loss so far, and where they were found."""

    loss: float = math.inf
    epoch: int = 0
    score: float = math.nan
    weights: dict[str, Tensor] = field(default_factory=dict)


def train(spec: Spec, dataset: Path, checkpoint: Path, report: Reporter) -> None:
    """Train on a data set from the first row to the checkpoint. See `trainyard.trainers.tabular.train`."""
    options = Options.read(spec.options)
    torch.set_num_threads(options.threads)
    device = pick_device(options.device)
    data = prepare(dataset, options, spec.seed)
    print(f"{dataset.name}: {data.summary}")
    for note in data.notes:
        print(note)
    if report.should_stop:
        return
    Training(spec, options, data, device, checkpoint, report).run()


class Training:
    """One training run; holds what its epochs, a stop and the end share.

    Losses are in the units the network works in: mean squared error of the standardised targets (1.0 is as good as
    always answering with the mean), or cross entropy in nats.
    """

    def __init__(
        self, spec: Spec, options: Options, data: Prepared, device: torch.device, checkpoint: Path, report: Reporter
    ) -> None:
        self.spec, self.options, self.schema, self.device = spec, options, data.schema, device
        self.checkpoint, self.report, self.summary = checkpoint, report, data.summary
        # Separate streams: the batches do not change with the size of the network, nor its weights with the rows.
        torch.manual_seed(spec.seed)
        self.shuffle = torch.Generator().manual_seed(spec.seed)

        self.inputs = torch.from_numpy(data.inputs).to(device)
        self.targets = torch.from_numpy(data.targets).to(device)
        self.training = torch.from_numpy(data.training)
        self.validation = torch.from_numpy(data.validation).to(device)

        network = TabularNetwork(self.schema.inputs, self.schema.outputs, self.schema.hidden, options.dropout)
        self.network = network.to(device)
        self.steps_per_epoch = math.ceil(len(self.training) / spec.batch_size)
        self.average = copy.deepcopy(self.network).eval().requires_grad_(False)
        self.averaged_steps = min(self.steps_per_epoch, MAX_AVERAGED_STEPS)
        self.optimizer = make_optimizer(self.network, options, spec.learning_rate)
        self.scheduler = ReduceLROnPlateau(self.optimizer, factor=PLATEAU_FACTOR, patience=PLATEAU_EPOCHS)
        self.is_classification = self.schema.task == "classification"
        self.loss = nn.CrossEntropyLoss() if self.is_classification else nn.MSELoss()
        self.score_name = "val_accuracy" if self.is_classification else "val_r2"
        self.best = Best()
        self.epoch = 0

    def run(self) -> None:
        """Train until the last epoch, an early end, or a stop; then save the best weights.

        Raises:
            DivergedError: the loss became NaN or infinite. What was best before is saved.
        """
        self.report.on_stop(self.save)
        self.report.begin(
            total_steps=self.spec.epochs * self.steps_per_epoch,
            epochs=self.spec.epochs,
            device=str(self.device),
            message=self.summary,
        )
        try:
            while self.epoch < self.spec.epochs and not self.has_stalled():
                self.epoch += 1
                self.run_epoch()
        except DivergedError:
            if self.best.weights:
                self.save()
            raise
        self.save()
        print(self.verdict())
        self.report.message(self.verdict())

    def run_epoch(self) -> None:
        """Every training row once, then a look at the validation rows."""
        loss = torch.zeros(())
        step = (self.epoch - 1) * self.steps_per_epoch
        for rows in self.batches():
            step += 1
            loss = self.step(rows)
            self.update_average(step)
            if step % STEPS_BETWEEN_CHECKS == 0:
                self.check(float(loss), step)
            # The last batch is reported with the validation, as one report.
            if step < self.epoch * self.steps_per_epoch:
                self.report.step(step=step, epoch=self.epoch, loss=loss, samples=len(rows))
        self.check(float(loss), step)
        val_loss, score = self.validate()
        self.check(val_loss, step)
        self.scheduler.step(val_loss)
        if val_loss < self.best.loss:
            weights = {name: tensor.clone() for name, tensor in self.average.state_dict().items()}
            self.best = Best(val_loss, self.epoch, score, weights)
        if self.has_stalled():
            # An early end is an end: fewer steps were needed than planned, and all of them are done.
            self.report.begin(total_steps=step, epochs=self.epoch)
        metrics = {"val_loss": val_loss, self.score_name: score}
        self.report.step(step=step, epoch=self.epoch, loss=loss, samples=len(rows), **metrics)
        if self.options.log_every and self.epoch % self.options.log_every == 0:
            numbers = ", ".join(f"{name} {value:.4g}" for name, value in {"loss": float(loss), **metrics}.items())
            print(f"Epoch {self.epoch}/{self.spec.epochs}: {numbers}")

    def batches(self) -> Iterator[Tensor]:
        """Indices of the training rows in random order, `batch_size` at a time."""
        order = self.training[torch.randperm(len(self.training), generator=self.shuffle)]
        return iter(order.to(self.device).split(self.spec.batch_size))

    def step(self, rows: Tensor) -> Tensor:
        """One step of the optimizer on these rows; gives the loss before it."""
        loss: Tensor = self.loss(self.network(self.inputs[rows]), self.targets[rows])
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        return loss.detach()

    @torch.no_grad()
    def update_average(self, step: int) -> None:
        """Take the weights of this step into the average: the plain mean at first, an exponential one from then on."""
        share = 1 / min(step, self.averaged_steps)
        for average, newest in zip(self.average.parameters(), self.network.parameters()):
            average.lerp_(newest, share)

    @torch.no_grad()
    def validate(self) -> tuple[float, float]:
        """Loss and score of the averaged weights on the validation rows."""
        parts = [self.average(self.inputs[rows]) for rows in self.validation.split(VALIDATION_ROWS_AT_ONCE)]
        outputs, targets = torch.cat(parts), self.targets[self.validation]
        score = accuracy if self.is_classification else r2
        return float(self.loss(outputs, targets)), score(outputs, targets)

    def has_stalled(self) -> bool:
        """Whether the validation loss has not improved for as long as the patience lasts."""
        return 0 < self.options.patience <= self.epoch - self.best.epoch

    def check(self, loss: float, step: int) -> None:
        """Raise DivergedError when the loss is no finite number."""
        if not math.isfinite(loss):
            kept = f"The model of epoch {self.best.epoch} is kept." if self.best.weights else "No model is kept."
            raise DivergedError(
                f"The loss became {loss} by step {step}, in epoch {self.epoch}: the training diverged. "
                f"Start again with a learning rate lower than {self.spec.learning_rate:g}. {kept}"
            )

    def save(self) -> None:
        """Save the best weights, or those of now when no epoch is complete, and announce them."""
        best = self.best
        save_checkpoint(
            self.checkpoint,
            Home(self.checkpoint.parent.parent).staging,
            self.schema,
            best.weights or self.average.state_dict(),
            {
                "job_id": self.spec.job_id,
                "epoch": best.epoch or self.epoch,
                "seed": self.spec.seed,
                "torch": str(torch.__version__),
                "val_loss": best.loss if best.weights else None,
                self.score_name: best.score if best.weights else None,
            },
        )
        self.report.checkpoint(self.checkpoint)

    def verdict(self) -> str:
        """A sentence on how it ended."""
        name = "accuracy" if self.is_classification else "R²"
        score = f"Validation {name} {self.best.score:.4f}, from epoch {self.best.epoch}."
        if self.epoch == self.spec.epochs:
            return score
        patience = self.options.patience
        return f"{score} Ended after epoch {self.epoch} of {self.spec.epochs}: {patience} epochs brought nothing better."


def make_optimizer(network: TabularNetwork, options: Options, learning_rate: float) -> torch.optim.Optimizer:
    """The optimizer of the options, with a smaller learning rate for the hidden layers (`HIDDEN_SHARE`)."""
    groups = [{"params": list(network.linear.parameters()), "lr": learning_rate}]
    if network.hidden is not None:
        groups.append({"params": list(network.hidden.parameters()), "lr": learning_rate * HIDDEN_SHARE})
    decay = options.weight_decay
    # One kernel for all weights: for networks this small, a third less time for a step.
    fused = network.linear.weight.device.type in ("cpu", "cuda")
    if options.optimizer == "sgd":
        return torch.optim.SGD(groups, learning_rate, momentum=0.9, weight_decay=decay, fused=fused)
    optimizer = torch.optim.AdamW if options.optimizer == "adamw" else torch.optim.Adam
    return optimizer(groups, learning_rate, weight_decay=decay, fused=fused)
