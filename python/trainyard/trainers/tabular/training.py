"""The training itself: epochs, best weights, early stopping, and saving all of it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from trainyard.files import Home
from trainyard.reporter import Reporter
from trainyard.spec import Spec
from trainyard.trainers.tabular.checkpoint import save_checkpoint
from trainyard.trainers.tabular.data_identity import DataIdentity
from trainyard.trainers.tabular.learner import Learner
from trainyard.trainers.tabular.options import Options
from trainyard.trainers.tabular.prepare import Prepared
from trainyard.trainers.tabular.save_schedule import SaveSchedule
from trainyard.trainers.tabular.training_state import state_path, write_state

# Reading a loss makes a GPU wait, so that divergence is looked for at intervals.
STEPS_BETWEEN_CHECKS = 50


class DivergedError(RuntimeError):
    """The loss is no number any more: the weights have grown without bound."""


@dataclass
class Best:
    """The weights with the lowest validation loss so far, and where they were found."""

    loss: float = math.inf
    epoch: int = 0
    score: float = math.nan
    weights: dict[str, Tensor] = field(default_factory=dict)


class Training:
    """One training run; holds what its epochs, a stop and the end share."""

    def __init__(
        self,
        spec: Spec,
        options: Options,
        data: Prepared,
        identity: DataIdentity,
        device: torch.device,
        checkpoint: Path,
        report: Reporter,
    ) -> None:
        self.spec, self.options, self.schema, self.device = spec, options, data.schema, device
        self.checkpoint, self.report, self.summary, self.identity = checkpoint, report, data.summary, identity
        self.learner = Learner(spec, options, data, device)
        # A stream of its own: the batches do not change with the size of the network.
        self.shuffle = torch.Generator().manual_seed(spec.seed)
        self.rows = torch.from_numpy(data.training)
        self.steps_per_epoch = math.ceil(len(self.rows) / spec.batch_size)

        # Where the training is: the epoch, from 1, and how many of its batches are done. Epoch 0 is no epoch, and over.
        self.epoch, self.batches_done = 0, self.steps_per_epoch
        self.epoch_shuffle = self.shuffle.get_state()  # from which the order of this epoch was drawn
        self.loss: Tensor | None = None  # of the newest step
        self.scores: dict[str, float] = {}  # of the newest epoch that is over
        self.best = Best()

        self.staging = Home(checkpoint.parent.parent).staging
        self.schedule = SaveSchedule(options.checkpoint_every_seconds, options.checkpoint_every_epochs)
        self.saved_epoch = 0  # whose weights the checkpoint holds
        self.save_trouble = ""  # what went wrong with the newest save, as it was said

    @property
    def steps_done(self) -> int:
        """Steps of the optimizer since the beginning of the job."""
        return (self.epoch - 1) * self.steps_per_epoch + self.batches_done

    @property
    def is_between_epochs(self) -> bool:
        """Whether no epoch is under way."""
        return self.batches_done == self.steps_per_epoch

    def run(self) -> None:
        """Train until the last epoch, an early end, or a stop; then save the best weights.

        Raises:
            DivergedError: the loss became NaN or infinite. What was best before is saved.
        """
        self.report.on_stop(self.save)
        epochs = self.epoch if self.is_over() else self.spec.epochs
        self.report.begin(
            total_steps=epochs * self.steps_per_epoch, epochs=epochs, device=str(self.device), message=self.summary
        )
        try:
            while not self.is_over():
                if self.is_between_epochs:
                    self.epoch, self.batches_done = self.epoch + 1, 0
                self.run_epoch()
        except DivergedError:
            if self.best.weights:
                self.save_model()
            raise
        self.save()
        print(self.verdict())
        self.report.message(self.verdict())

    def run_epoch(self) -> None:
        """Every training row once, or what is left of them; then a look at the validation rows."""
        for rows in self.batches():
            loss = self.loss = self.learner.learn(rows, self.steps_done + 1)
            self.batches_done += 1
            step = self.steps_done
            if step % STEPS_BETWEEN_CHECKS == 0:
                self.check(float(loss), step)
            # The last batch is reported with the validation, as one report.
            if not self.is_between_epochs:
                self.report.step(step=step, epoch=self.epoch, loss=loss, samples=len(rows))
                self.save_if_due()
        self.check(float(loss), step)
        val_loss, score = self.learner.validate()
        self.check(val_loss, step)
        self.learner.adapt(val_loss)
        if val_loss < self.best.loss:
            self.best = Best(val_loss, self.epoch, score, self.learner.weights())
        if self.has_stalled():
            # An early end is an end: fewer steps were needed than planned, and all of them are done.
            self.report.begin(total_steps=step, epochs=self.epoch)
        self.scores = {"val_loss": val_loss, self.learner.score_name: score}
        self.report.step(step=step, epoch=self.epoch, loss=loss, samples=len(rows), **self.scores)
        if self.options.log_every and self.epoch % self.options.log_every == 0:
            numbers = ", ".join(f"{name} {value:.4g}" for name, value in {"loss": float(loss), **self.scores}.items())
            print(f"Epoch {self.epoch}/{self.spec.epochs}: {numbers}")
        self.save_if_due()

    def batches(self) -> Iterator[Tensor]:
        """Indices of the training rows in random order, `batch_size` at a time, without the batches that are done."""
        self.epoch_shuffle = self.shuffle.get_state()
        order = self.rows[torch.randperm(len(self.rows), generator=self.shuffle)]
        return iter(torch.split(order.to(self.device), self.spec.batch_size)[self.batches_done :])

    def is_over(self) -> bool:
        """Whether nothing is left to train: all epochs are done, or more of them would bring nothing."""
        return self.is_between_epochs and (self.epoch >= self.spec.epochs or self.has_stalled())

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
        """Save the training state and the model.

        Raises:
            DivergedError: there is nothing to go on with.
            OSError: the disk does not take it.
        """
        self.save_state()
        self.save_model()

    def save_if_due(self) -> None:
        """Save what a crash would lose. A full disk never ends a training: it is said, and tried again later."""
        if not self.schedule.is_due(self.epoch if self.is_between_epochs else None):
            return
        trouble = ""
        with self.schedule.saving():
            try:
                self.save_state()
                if self.saved_epoch < self.best.epoch:
                    self.save_model()
            except OSError as error:
                trouble = str(error)
        if trouble and not self.save_trouble:
            print(f"What was trained so far cannot be saved ({trouble}); the training goes on, and tries again later.")
        self.save_trouble = trouble

    def save_state(self) -> None:
        """Save all that a later attempt needs to go on from here.

        Raises:
            DivergedError: that attempt would only diverge again.
            OSError: the disk does not take it.
        """
        if self.loss is not None:
            self.check(float(self.loss), self.steps_done)
        write_state(state_path(self.checkpoint), self.staging, self.state_dict())

    def save_model(self) -> None:
        """Save the best weights, or those of now when no epoch is complete, and announce them."""
        best = self.best
        save_checkpoint(
            self.checkpoint,
            self.staging,
            self.schema,
            best.weights or self.learner.weights(),
            {
                "job_id": self.spec.job_id,
                "epoch": best.epoch or self.epoch,
                "seed": self.spec.seed,
                "torch": str(torch.__version__),
                "val_loss": best.loss if best.weights else None,
                self.learner.score_name: best.score if best.weights else None,
            },
        )
        self.saved_epoch = best.epoch
        self.report.checkpoint(self.checkpoint)

    def state_dict(self) -> dict[str, Any]:
        """All that this training is made of beside its data and its spec: tensors, numbers, and dicts of them."""
        return {
            "data": self.identity.to_json(),
            "epoch": self.epoch,
            "batches_done": self.batches_done,
            # An epoch under way is drawn again, into the same order, and its first batches are left out.
            "shuffle": self.shuffle.get_state() if self.is_between_epochs else self.epoch_shuffle,
            "learner": self.learner.state_dict(),
            "best": dict(vars(self.best)),
            "loss": None if self.loss is None else float(self.loss),
            "scores": self.scores,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from what `state_dict` gave, as if nothing had happened in between. Called before `run`.

        Raises:
            KeyError, TypeError, ValueError, AttributeError, RuntimeError: the state is that of another training. What
                was loaded of it so far stays: this object is of no use any more.
        """
        self.learner.load_state_dict(state["learner"])
        self.shuffle.set_state(state["shuffle"])
        self.epoch, self.batches_done, self.scores = state["epoch"], state["batches_done"], state["scores"]
        self.best = Best(**state["best"])
        self.best.weights = {name: tensor.to(self.device) for name, tensor in self.best.weights.items()}
        self.loss = None if state["loss"] is None else torch.tensor(state["loss"])
        print(f"The training goes on after step {self.steps_done}, in epoch {self.epoch}.")
        numbers = self.scores if self.loss is None else {"loss": self.loss, **self.scores}
        self.report.resume(self.steps_done, self.epoch, **numbers)

    def verdict(self) -> str:
        """A sentence on how it ended."""
        name = "accuracy" if self.learner.score_name == "val_accuracy" else "R²"
        score = f"Validation {name} {self.best.score:.4f}, from epoch {self.best.epoch}."
        if self.epoch == self.spec.epochs:
            return score
        return f"{score} Ended early: {self.epoch - self.best.epoch} more epochs brought nothing better."
