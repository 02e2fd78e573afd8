"""The training loop: epochs, best weights, early stopping, and saving of state and model."""

from __future__ import annotations

import math
from pathlib import Path

import torch
from torch import Tensor

from trainyard.reporter.reporter import Reporter
from trainyard.spec import Spec
from trainyard.trainers.tabular.data_identity import DataIdentity
from trainyard.trainers.tabular.diverged import DivergedError, check_finite
from trainyard.trainers.tabular.early_stopping import Best, EarlyStopping
from trainyard.trainers.tabular.end_of_training import EndOfTraining
from trainyard.trainers.tabular.evaluation.advice import Course, verdict
from trainyard.trainers.tabular.learner import STEPS_BETWEEN_CHECKS, Learner
from trainyard.trainers.tabular.options import DEFAULTS, Options
from trainyard.trainers.tabular.prepare import Prepared
from trainyard.trainers.tabular.saving import Saving
from trainyard.trainers.tabular.schema import ModelSchema
from trainyard.trainers.tabular.snapshot import state_of


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
        self.report, self.identity = report, identity
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
        self.stopping = EarlyStopping(options.patience)
        self.val_losses: list[float] = []  # of all epochs, for a refit
        self.ended_early = False  # whether early stopping has ended an attempt of this job

        self.saving = Saving(checkpoint, options, report)
        self.saved_epoch = 0  # epoch of the weights in the checkpoint

    @property
    def best(self) -> Best:
        """The best weights so far."""
        return self.stopping.best

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
        self.ended_early = self.stopping.has_stalled(self.epoch)
        self.save()
        found = self.end.evaluate(self.best.weights, self.course())
        if self.options.refit:
            schema, weights = self.end.refit(self.val_losses[: self.best.epoch])
            self.save_model(schema, weights)
        summary = verdict(found, self.course(), self.spec.epochs)
        print(summary)
        self.report.message(summary)

    def run_epoch(self) -> None:
        """Train on every remaining training row of this epoch, then validate."""
        self.epoch_shuffle = self.shuffle.get_state()
        for rows in self.learner.batches(self.shuffle)[self.batches_done :]:
            loss = self.loss = self.learner.learn(rows, self.steps_done + 1)
            self.batches_done += 1
            step = self.steps_done
            if step % STEPS_BETWEEN_CHECKS == 0:
                self.check(float(loss), step)
            # The last batch is reported together with the validation.
            if not self.is_between_epochs:
                self.report.step(step=step, epoch=self.epoch, loss=loss, samples=len(rows))
                self.saving.save_if_due(None, self.save_progress)
        self.check(float(loss), step)
        val_loss, score = self.learner.validate()
        self.check(val_loss, step)
        self.learner.adapt(val_loss)
        if self.stopping.note(self.epoch, val_loss, score, self.learner):
            self.end.report_validation(self.best.weights, self.epoch, score)
        if self.options.refit:
            self.val_losses.append(val_loss)
        if self.stopping.has_stalled(self.epoch):
            # Early stopping completes the job: correct the totals to the steps that were necessary.
            self.report.begin(total_steps=step, epochs=self.epoch)
        self.scores = {"val_loss": val_loss, self.learner.score_name: score}
        self.report.step(step=step, epoch=self.epoch, loss=loss, samples=len(rows), **self.scores)
        if self.options.log_every and self.epoch % self.options.log_every == 0:
            numbers = ", ".join(f"{name} {value:.4g}" for name, value in {"loss": float(loss), **self.scores}.items())
            print(f"Epoch {self.epoch}/{self.spec.epochs}: {numbers}")
        self.saving.save_if_due(self.epoch, self.save_progress)

    def is_over(self) -> bool:
        """Whether the training is complete: all epochs are done, or early stopping applies."""
        return self.is_between_epochs and (self.epoch >= self.spec.epochs or self.stopping.has_stalled(self.epoch))

    def check(self, loss: float, step: int) -> None:
        """Raise DivergedError if the loss is not finite."""
        saved_epoch = self.best.epoch if self.best.weights else None
        check_finite(loss, step, self.epoch, self.spec.learning_rate, saved_epoch)

    def save(self) -> None:
        """Save the training state and the model. Raises as `save_state` does."""
        self.save_state()
        self.save_model()

    def save_on_stop(self) -> None:
        """Save, and report the score so far."""
        self.save()
        if self.best.weights:
            self.end.evaluate_so_far(self.best.weights, self.course())

    def save_progress(self) -> None:
        """Save the training state, and the model if it is better than the saved one."""
        self.save_state()
        if self.saved_epoch < self.best.epoch:
            self.save_model()

    def save_state(self) -> None:
        """Save everything that a later attempt needs to continue from here.

        Raises:
            DivergedError: the loss is not finite, so a later attempt would diverge too.
            OSError: the file cannot be written.
        """
        if self.loss is not None:
            self.check(float(self.loss), self.steps_done)
        self.saving.save_state(state_of(self))

    def save_model(self, schema: ModelSchema | None = None, weights: dict[str, Tensor] | None = None) -> None:
        """Save a model, and report the checkpoint.

        Args:
            schema, weights: the model. Default: the best weights, or the current ones before the first complete epoch.
        """
        best = self.best
        self.saving.save_model(
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
            balanced=self.options.class_weights == "balanced",
        )
