"""The training loop: epochs, best weights, early stopping, and saving of state and model."""

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
from trainyard.trainers.tabular.end_of_training import EndOfTraining
from trainyard.trainers.tabular.evaluation.advice import Course
from trainyard.trainers.tabular.learner import STEPS_BETWEEN_CHECKS, Learner
from trainyard.trainers.tabular.options import DEFAULTS, Options
from trainyard.trainers.tabular.prepare import Prepared
from trainyard.trainers.tabular.save_schedule import SaveSchedule
from trainyard.trainers.tabular.schema import ModelSchema
from trainyard.trainers.tabular.training_state import state_path, write_state


class DivergedError(RuntimeError):
    """The loss is NaN or infinite: the training diverged."""


@dataclass
class Best:
    """The weights with the lowest validation loss so far, with their epoch (0: none yet), loss and score."""

    loss: float = math.inf
    epoch: int = 0
    score: float = math.nan
    weights: dict[str, Tensor] = field(default_factory=dict)


class Training:
    """One training run: the state that epochs, a stop and the end share."""

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
        self.checkpoint, self.report, self.identity = checkpoint, report, identity
        self.learner = Learner(spec, options, data, device)
        self.summary = f"{data.summary} Batch size {self.learner.batch_size}."
        self.end = EndOfTraining(spec, options, data, self.learner, report)
        # A separate generator: the order of batches does not depend on the size of the network.
        self.shuffle = torch.Generator().manual_seed(spec.seed)
        self.steps_per_epoch = math.ceil(len(data.training) / self.learner.batch_size)

        # Position: the epoch, from 1, and the number of its completed batches. Starts as if epoch 0 were complete.
        self.epoch, self.batches_done = 0, self.steps_per_epoch
        self.epoch_shuffle = self.shuffle.get_state()  # generator state before the order of this epoch was drawn
        self.loss: Tensor | None = None  # loss of the latest step
        self.scores: dict[str, float] = {}  # scores of the latest complete epoch
        self.best = Best()
        self.val_losses: list[float] = []  # of all epochs, for a refit
        self.patience_start = 0  # early stopping counts the epochs after this one
        self.ended_early = False  # whether early stopping has ended an attempt of this job

        self.staging = Home(checkpoint.parent.parent).staging
        self.schedule = SaveSchedule(options.checkpoint_every_seconds, options.checkpoint_every_epochs)
        self.saved_epoch = 0  # epoch of the weights in the checkpoint
        self.save_error = ""  # error of the latest save, already logged

    @property
    def steps_done(self) -> int:
        """Number of optimizer steps since the start of the job."""
        return (self.epoch - 1) * self.steps_per_epoch + self.batches_done

    @property
    def is_between_epochs(self) -> bool:
        """Whether the current epoch is complete."""
        return self.batches_done == self.steps_per_epoch

    def run(self) -> None:
        """Train until the last epoch, early stopping or a stop request; then save the best weights.

        Raises:
            DivergedError: the loss became NaN or infinite. The best earlier weights are saved and evaluated.
            StopTraining: a stop was requested during a cross-validation or a refit.
        """
        self.report.on_stop(self.save_on_stop)
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
                self.end.evaluate_so_far(self.best.weights, self.course())
            raise
        self.ended_early = self.has_stalled()
        self.save()
        found = self.end.evaluate(self.best.weights, self.course())
        if self.options.refit:
            schema, weights = self.end.refit(self.val_losses[: self.best.epoch])
            self.save_model(schema, weights)
        print(self.verdict(found))
        self.report.message(self.verdict(found))

    def run_epoch(self) -> None:
        """Train on every remaining training row of this epoch, then validate."""
        for rows in self.batches():
            loss = self.loss = self.learner.learn(rows, self.steps_done + 1)
            self.batches_done += 1
            step = self.steps_done
            if step % STEPS_BETWEEN_CHECKS == 0:
                self.check(float(loss), step)
            # The last batch is reported together with the validation.
            if not self.is_between_epochs:
                self.report.step(step=step, epoch=self.epoch, loss=loss, samples=len(rows))
                self.save_if_due()
        self.check(float(loss), step)
        val_loss, score = self.learner.validate()
        self.check(val_loss, step)
        self.learner.adapt(val_loss)
        if val_loss < self.best.loss:
            self.best = Best(val_loss, self.epoch, score, self.learner.weights())
            self.end.report_validation(self.best.weights, self.epoch, score)
        if self.options.refit:
            self.val_losses.append(val_loss)
        if self.has_stalled():
            # Early stopping completes the job: correct the totals to the steps that were necessary.
            self.report.begin(total_steps=step, epochs=self.epoch)
        self.scores = {"val_loss": val_loss, self.learner.score_name: score}
        self.report.step(step=step, epoch=self.epoch, loss=loss, samples=len(rows), **self.scores)
        if self.options.log_every and self.epoch % self.options.log_every == 0:
            numbers = ", ".join(f"{name} {value:.4g}" for name, value in {"loss": float(loss), **self.scores}.items())
            print(f"Epoch {self.epoch}/{self.spec.epochs}: {numbers}")
        self.save_if_due()

    def batches(self) -> Iterator[Tensor]:
        """Iterate over the remaining batches of this epoch: indices of training rows in random order."""
        self.epoch_shuffle = self.shuffle.get_state()
        return iter(self.learner.batches(self.shuffle)[self.batches_done :])

    def is_over(self) -> bool:
        """Whether the training is complete: all epochs are done, or early stopping applies."""
        return self.is_between_epochs and (self.epoch >= self.spec.epochs or self.has_stalled())

    def has_stalled(self) -> bool:
        """Whether the validation loss has not improved for `patience` epochs of the attempts since early stopping."""
        return 0 < self.options.patience <= self.epoch - max(self.best.epoch, self.patience_start)

    def check(self, loss: float, step: int) -> None:
        """Raise DivergedError if the loss is not finite."""
        if not math.isfinite(loss):
            saved = f"The model of epoch {self.best.epoch} is saved." if self.best.weights else "No model is saved."
            raise DivergedError(
                f"The training diverged: the loss was {loss} at step {step}, in epoch {self.epoch}. "
                f"Start a new job with a learning rate below {self.spec.learning_rate:g}. {saved}"
            )

    def save(self) -> None:
        """Save the training state and the model.

        Raises:
            DivergedError: the loss is not finite.
            OSError: a file cannot be written.
        """
        self.save_state()
        self.save_model()

    def save_on_stop(self) -> None:
        """Save, and report the score so far."""
        self.save()
        if self.best.weights:
            self.end.evaluate_so_far(self.best.weights, self.course())

    def save_if_due(self) -> None:
        """Save state and model if a save is due. An error, such as a full disk, is logged once and retried later."""
        if not self.schedule.is_due(self.epoch if self.is_between_epochs else None):
            return
        problem = ""
        with self.schedule.saving():
            try:
                self.save_state()
                if self.saved_epoch < self.best.epoch:
                    self.save_model()
            except OSError as error:
                problem = str(error)
        if problem and not self.save_error:
            print(f"Cannot save the training state ({problem}); training continues and retries later.")
        self.save_error = problem

    def save_state(self) -> None:
        """Save everything that a later attempt needs to continue from here.

        Raises:
            DivergedError: the loss is not finite, so a later attempt would diverge too.
            OSError: the file cannot be written.
        """
        if self.loss is not None:
            self.check(float(self.loss), self.steps_done)
        self.report.flush()
        write_state(state_path(self.checkpoint), self.staging, self.state_dict())

    def save_model(self, schema: ModelSchema | None = None, weights: dict[str, Tensor] | None = None) -> None:
        """Save a model, and report the checkpoint.

        Args:
            schema, weights: the model. Default: the best weights, or the current ones before the first complete epoch.
        """
        best = self.best
        save_checkpoint(
            self.checkpoint,
            self.staging,
            schema or self.schema,
            weights or best.weights or self.learner.weights(),
            {
                "job_id": self.spec.job_id,
                "epoch": best.epoch or self.epoch,
                "seed": self.spec.seed,
                "torch": str(torch.__version__),
                "val_loss": best.loss if best.weights else None,
                self.learner.score_name: best.score if best.weights else None,
                "refit": weights is not None,
            },
        )
        self.saved_epoch = best.epoch
        self.report.checkpoint(self.checkpoint)

    def state_dict(self) -> dict[str, Any]:
        """Return the state of this training without data and spec: tensors, numbers, and dicts of them."""
        return {
            "data": self.identity.to_json(),
            "epoch": self.epoch,
            "batches_done": self.batches_done,
            # A resume draws the order of an incomplete epoch again and skips the completed batches.
            "shuffle": self.shuffle.get_state() if self.is_between_epochs else self.epoch_shuffle,
            "learner": self.learner.state_dict(),
            "best": dict(vars(self.best)),
            "patience_start": self.patience_start,
            "ended_early": self.ended_early,
            "loss": None if self.loss is None else float(self.loss),
            "scores": self.scores,
            "val_losses": self.val_losses,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore a state from `state_dict`. Call it before `run`.

        Raises:
            KeyError, TypeError, ValueError, AttributeError, RuntimeError: the state is from another training. It may be
                partly loaded: discard this object.
        """
        self.learner.load_state_dict(state["learner"])
        self.shuffle.set_state(state["shuffle"])
        self.epoch, self.batches_done, self.scores = state["epoch"], state["batches_done"], state["scores"]
        self.best = Best(**state["best"])
        self.best.weights = {name: tensor.to(self.device) for name, tensor in self.best.weights.items()}
        self.val_losses = state["val_losses"]
        self.loss = None if state["loss"] is None else torch.tensor(state["loss"])
        # States of older versions have neither entry.
        self.patience_start = state.get("patience_start", 0)
        if state.get("ended_early", self.has_stalled()):
            # A user who resumes such a job wants it to train longer: without this, it would end at once.
            self.patience_start = self.epoch
            print(f"Early stopping ended this job before: its patience starts again after epoch {self.epoch}.")
        print(f"Training continues after step {self.steps_done}, in epoch {self.epoch}.")
        numbers = self.scores if self.loss is None else {"loss": self.loss, **self.scores}
        self.report.resume(self.steps_done, self.epoch, **numbers)

    def course(self) -> Course:
        """Return how the training went until now."""
        return Course(
            learning_rate=self.spec.learning_rate,
            default_learning_rate=DEFAULTS["learning_rate"],
            best_epoch=self.best.epoch,
            last_epoch=self.epoch,
            training_loss=math.nan if self.loss is None else float(self.loss),
            best_val_loss=self.best.loss,
            last_val_loss=self.scores.get("val_loss", math.nan),
        )

    def verdict(self, found: str) -> str:
        """Return the score of the best epoch, and whether training stopped early, as sentences."""
        score = f"{found} (epoch {self.best.epoch})."
        if self.epoch == self.spec.epochs:
            return score
        return f"{score} Stopped early: no improvement in {self.epoch - self.best.epoch} epochs."
