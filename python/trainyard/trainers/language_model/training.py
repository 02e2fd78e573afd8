"""The training loop: epochs, validation, sample texts, and saving of state and model."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from trainyard.files import Home
from trainyard.reporter.reporter import Reporter, StopTraining
from trainyard.spec import Spec
from trainyard.trainers.language_model.examples import Batch, Examples
from trainyard.trainers.language_model.learner import Learner, learning_rate
from trainyard.trainers.language_model.options import DEFAULTS, Options
from trainyard.trainers.language_model.sample import Prompt, write_sample
from trainyard.trainers.language_model.saved_model import save_model
from trainyard.trainers.tabular.replace_file import replace_file
from trainyard.trainers.tabular.save_schedule import SaveSchedule
from trainyard.trainers.tabular.training_state import state_path, write_state

# Reading a loss synchronizes with the GPU, so divergence is only checked at this interval.
STEPS_BETWEEN_CHECKS = 50
_MESSAGE_CHARACTERS = 160


class DivergedError(RuntimeError):
    """The loss is NaN or infinite: the training diverged."""

    is_for_users = True


class Training:
    """One training run: the state that epochs, a stop and the end share.

    Args:
        identity: saved with the training state.
    """

    def __init__(
        self,
        spec: Spec,
        options: Options,
        learner: Learner,
        tokenizer: Any,
        training: Examples,
        validation: Examples,
        prompt: Prompt,
        identity: dict[str, Any],
        checkpoint: Path,
        report: Reporter,
    ) -> None:
        self.spec, self.options, self.learner, self.tokenizer = spec, options, learner, tokenizer
        self.training, self.validation, self.prompt, self.identity = training, validation, prompt, identity
        self.checkpoint, self.report = checkpoint, report
        home = Home(checkpoint.parent.parent)
        self.staging, self.outputs = home.staging, home.outputs(spec.job_id)
        self.batch_size = spec.batch_size or int(DEFAULTS["batch_size"])
        self.sequences_per_step = self.batch_size * options.gradient_accumulation
        self.steps_per_epoch = math.ceil(len(training) / self.sequences_per_step)
        self.total_steps = spec.epochs * self.steps_per_epoch

        self.steps_done = 0  # since the start of the job
        self.resumed_step = 0  # the step from which this attempt continues
        self.validated_epoch = 0  # the latest validated epoch
        self.loss: Tensor | None = None  # loss of the latest step
        self.scores: dict[str, float] = {}  # scores of the latest validation
        self.schedule = SaveSchedule(options.checkpoint_every_seconds, 0)
        self.save_error = ""  # error of the latest save, already logged

    @property
    def epoch(self) -> int:
        """Epoch of the latest step, from 1; 0 before the first step."""
        return math.ceil(self.steps_done / self.steps_per_epoch)

    def run(self) -> None:
        """Train until the last epoch or a stop request, then save.

        Raises:
            DivergedError: the loss became NaN or infinite. An earlier save stays.
        """
        self.report.on_stop(self.save)
        self.report.begin(total_steps=self.total_steps, epochs=self.spec.epochs, device=str(self.learner.device))
        self.validate_if_due()
        while self.steps_done < self.total_steps:
            self.run_epoch()
            self.validate_if_due()
        self.save()

    def run_epoch(self) -> None:
        """Run the remaining steps of an epoch."""
        options = self.options
        for indices in self.steps_of(self.steps_done // self.steps_per_epoch + 1):
            step = self.steps_done + 1
            rate = learning_rate(
                self.spec.learning_rate, step, self.total_steps, options.schedule, options.warmup_fraction
            )
            loss = self.loss = self.learner.learn(list(self.batches(self.training, indices)), rate)
            self.steps_done = step
            if step % STEPS_BETWEEN_CHECKS == 0 or step % self.steps_per_epoch == 0:
                self.check(float(loss))
            self.report.step(step=step, epoch=self.epoch, loss=loss, samples=len(indices))
            self.save_if_due()

    def steps_of(self, epoch: int) -> Iterator[list[int]]:
        """Iterate over the remaining steps of an epoch: indices of sequences, in an order that seed and epoch give."""
        # A separate generator: the order depends neither on the model nor on earlier epochs.
        generator = torch.Generator().manual_seed(self.spec.seed * 1_000_003 + epoch)
        order: list[int] = torch.randperm(len(self.training), generator=generator).tolist()
        done = self.steps_done - (epoch - 1) * self.steps_per_epoch
        for start in range(done * self.sequences_per_step, len(order), self.sequences_per_step):
            yield order[start : start + self.sequences_per_step]

    def batches(self, examples: Examples, indices: list[int]) -> Iterator[Batch]:
        """Iterate over these sequences in batches of the batch size."""
        pad, size = self.tokenizer.pad_token_id, self.batch_size
        for start in range(0, len(indices), size):
            yield examples.batch(indices[start : start + size], pad, self.learner.device)

    def validate_if_due(self) -> None:
        """Validate a completed epoch, report its scores, and write a sample text.

        Raises:
            StopTraining: a stop was requested. The state is saved; the next attempt validates.
        """
        if self.steps_done % self.steps_per_epoch or self.validated_epoch == self.epoch:
            return
        batches = self.batches(self.validation, list(range(len(self.validation))))
        eval_loss = self.learner.validate(batches, self.stop_if_requested)
        self.check(eval_loss)
        self.scores = {"eval_loss": eval_loss, "perplexity": math.exp(min(eval_loss, 700.0))}
        # In the history, the lines of an attempt replace earlier lines of the same step, with the loss in them.
        again = {"loss": self.loss} if self.steps_done == self.resumed_step else {}
        self.report.log({**again, **self.scores}, step=self.steps_done, epoch=self.epoch)
        self.validated_epoch = self.epoch
        print(f"Epoch {self.epoch}/{self.spec.epochs}: {_numbers({'loss': float(self.loss or 0), **self.scores})}")
        self.write_sample()

    def write_sample(self) -> None:
        """Write `sample.txt`, log the sample, and show its beginning as the message of the job."""
        if self.options.sample_tokens == 0:
            return
        written = write_sample(
            self.learner.model,
            self.tokenizer,
            self.prompt,
            self.options.sample_tokens,
            self.options.sequence_length,
            self.spec.seed,
        )
        sample = self.prompt.text + written
        replace_file(self.outputs / "sample.txt", self.staging, lambda file: file.write(sample.encode() + b"\n"))
        print(f"Sample: {sample}")
        # One line without control characters; joiners, which are not printable either, belong to words.
        shown = " ".join("".join(c if c.isprintable() or c in "\u200c\u200d" else " " for c in sample).split())
        cut = shown if len(shown) <= _MESSAGE_CHARACTERS else shown[: _MESSAGE_CHARACTERS - 1] + "…"
        self.report.message(f"Perplexity {self.scores['perplexity']:.4g}. Sample: {cut}")

    def stop_if_requested(self) -> None:
        """Save and raise StopTraining if a stop was requested."""
        if self.report.should_stop:
            self.save()
            raise StopTraining("Stop requested; the checkpoint is saved.")

    def check(self, loss: float) -> None:
        """Raise DivergedError if the loss is not finite."""
        if not math.isfinite(loss):
            raise DivergedError(
                f"The training diverged: the loss was {loss} at step {self.steps_done}, in epoch {self.epoch}. "
                f"Start a new job with a learning rate below {self.spec.learning_rate:g}."
            )

    def save(self) -> None:
        """Save the training state, then the model, and report the checkpoint.

        Raises:
            DivergedError: the loss is not finite, so a later attempt would diverge too.
            OSError: a file cannot be written.
        """
        if self.loss is not None:
            self.check(float(self.loss))
        self.report.flush()
        write_state(state_path(self.checkpoint), self.staging, self.state_dict())
        learner = self.learner
        weights = save_model(learner.model, self.tokenizer, learner.has_adapters, self.outputs, self.checkpoint)
        self.report.checkpoint(weights)

    def save_if_due(self) -> None:
        """Save state and model if a save is due. An error, such as a full disk, is logged once and retried later."""
        if not self.schedule.is_due(None):
            return
        problem = ""
        with self.schedule.saving():
            try:
                self.save()
            except OSError as error:
                problem = str(error)
        if problem and not self.save_error:
            print(f"Cannot save the training state ({problem}); training continues and retries later.")
        self.save_error = problem

    def state_dict(self) -> dict[str, Any]:
        """Return the state of this training without data and spec: tensors, numbers, and dicts of them."""
        return {
            **self.identity,
            "steps_done": self.steps_done,
            "validated_epoch": self.validated_epoch,
            "steps_per_epoch": self.steps_per_epoch,
            "learner": self.learner.state_dict(),
            "loss": None if self.loss is None else float(self.loss),
            "scores": self.scores,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore a state from `state_dict`. Call it before `run`.

        Raises:
            KeyError, TypeError, ValueError, RuntimeError: the state is from another training. It may be partly loaded:
                discard this object.
        """
        if state["steps_per_epoch"] != self.steps_per_epoch:
            raise ValueError("its epochs have another number of steps")
        self.learner.load_state_dict(state["learner"])
        self.steps_done = self.resumed_step = state["steps_done"]
        self.validated_epoch = state["validated_epoch"]
        self.scores = state["scores"]
        self.loss = None if state["loss"] is None else torch.tensor(state["loss"])
        print(f"Training continues after step {self.steps_done}, in epoch {self.epoch}.")
        numbers = self.scores if self.loss is None else {"loss": self.loss, **self.scores}
        self.report.resume(self.steps_done, self.epoch, **numbers)


def _numbers(values: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.4g}" for name, value in values.items())
