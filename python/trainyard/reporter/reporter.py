"""The reporter: reports the progress of a training script and handles stop requests.

Implements the trainer side of ``src/runner/PROTOCOL.md``. Standard library only, so that any script can use it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any, Literal, TypeVar

from trainyard.checkpoint_name import checkpoint_name
from trainyard.reporter.report_queue import refuse
from trainyard.reporter.scores import Scores
from trainyard.reporter.status_limits import short_text
from trainyard.reporter.stop_requests import StopTraining
from trainyard.reporter.track import Passes, Tracked

__all__ = ["Reporter", "StopTraining"]

_Batch = TypeVar("_Batch")


class Reporter(Scores):
    """Reports the progress of one training job.

    Example::

        with Reporter.from_environment() as report:
            report.begin(total_steps=1000, epochs=10, device="cpu")
            report.on_stop(lambda: save(model))
            for step in range(1, 1001):
                ...
                report.step(step=step, epoch=epoch, loss=loss, samples=32)

    The end of the block sets the status: COMPLETED, STOPPED after a stop request, or ERROR after an exception. A resume
    or retry runs the script again with a higher ``attempt``: see ``resume()``. Write errors, such as a full disk, never
    end a training: the reporter warns once on standard error and retries. All methods are thread-safe, and do nothing
    in a forked child process, such as a data loader.

    If the job has several processes, one reports: see ``from_environment()``.

    Args:
        home: the home folder; None creates a reporter that writes nothing.
        job_id: ID of the job.
        attempt: number of the attempt, from 1. A resume or retry is a new attempt. Default: 1.
        every: report every step that is a multiple of this number. Default: 5.
        interval: minimum time between two writes of the status file, in seconds. Where a write takes long, the time
            between two of them is up to 0.4 s. Default: 0.1.
        interrupt_on_stop: raise ``KeyboardInterrupt`` in the main thread on a stop request, as Ctrl-C does, unless
            ``on_stop`` or ``should_stop`` is used, or ``handles_stop()`` was called, or the script has replaced the
            handler of SIGTERM. The end of the block is then STOPPED. Default: False.

    Raises:
        ValueError: ``every`` is less than 1.
    """

    _passes: Passes | None = None  # of track()

    def begin(
        self,
        total_steps: int | None = None,
        epochs: int | None = None,
        device: object = None,
        simulation: bool = False,
        message: str | None = None,
    ) -> None:
        """Enter RUNNING. Call it when the data is loaded, before the first step.

        Call it again to correct the totals, for example after early stopping.

        Args:
            total_steps: optimizer steps of the whole job; None if unknown (progress then depends on the epochs).
            epochs: epochs of the whole job; None if unknown.
            device: for example ``"cpu"`` or a ``torch.device``; None keeps the previous value.
            simulation: True if no model is trained. Default: False.
            message: a line for users; None keeps the previous one.

        Raises:
            ValueError: a total is negative or above 2^53 - 1.
        """
        active = self._active()
        if active is None:
            return
        with active as record:
            if active.role.may_report():
                active.names.note(self._outer is not None, (), has_step=total_steps is not None)
                record.begin(total_steps, epochs, simulation)
                if device is not None:
                    record.status["device"] = short_text("device", device)
                if message is not None:
                    record.status["message"] = short_text("message", message)
                active.write_now()

    def define_metric(self, name: str, goal: Literal["max", "min"]) -> None:
        """Define whether high or low values of a metric are better. ``Job.best`` follows it.

        Without it, the last part of the name decides: ``eval/accuracy`` and ``val_f1`` up, ``iou_loss`` down.

        Args:
            name: the metric, or a prefix that ends with ``*``, such as ``"eval/*"``. An exact name overrides a prefix,
                and a longer prefix a shorter one. At most 100 names and prefixes.
            goal: ``"max"`` if high values are better, ``"min"`` if low ones are.

        Raises:
            ValueError: the goal is another text, the name is longer than 128 characters, or there are too many names.
        """
        if goal not in ("max", "min"):
            raise ValueError(f"goal must be 'max' or 'min', but is {goal!r}.")
        active = self._active()
        if active is None:
            self._goals[name] = goal
            return
        with active as record:
            if active.role.may_report():
                record.define(name, goal)
                active.touch()

    def resume(self, step: int, epoch: int | None = None, **metrics: Any) -> None:
        """Continue from the state of an earlier attempt. Call it before ``begin()``.

        Sets progress and the latest metrics until the next ``step()``. Adds nothing to the metrics history.

        Args:
            step: number of completed optimizer steps.
            epoch: epoch of the last completed step, from 1.
            metrics: latest metrics, such as ``loss``.

        Raises:
            TypeError: a metric is not a number.
        """
        active = self._active()
        if active is None:
            return
        with active as record:
            if active.role.may_report():
                record.resume(step, epoch, metrics)
                active.touch()

    def step(
        self,
        step: int,
        epoch: int | None = None,
        loss: Any = None,
        samples: int | None = None,
        **metrics: Any,
    ) -> None:
        """Report a completed optimizer step.

        The first step, the last step, multiples of ``every``, and steps with metrics besides the loss are *reports*:
        they add a line to the metrics file and update the status, together with other reports of the next 0.1 s.
        Other calls do not read the loss, so that they do not synchronize with a GPU.

        Args:
            step: number of optimizer steps since the start of the job (not of the epoch), up to 2^53 - 1. Values of
                steps that go back are kept, but can only be shown over time.
            epoch: current epoch, from 1.
            loss: training loss: a number, or an object with one value that ``float()`` accepts, such as a tensor.
            samples: number of training samples in this step, for the rate of samples per second.
            metrics: other metrics by name, such as ``val_loss``; values as for ``loss``. None is ignored, with one
                warning for each name. The status shows the first 500 names, the metrics history up to 10,000.

        Raises:
            StopTraining: a stop was requested, and the function registered with ``on_stop`` was called.
            TypeError: a loss or metric is not a number.
            ValueError: the step is above 2^53 - 1, the epoch negative, or a name longer than 128 characters.
        """
        if self._add(step, epoch, loss, samples, metrics):
            return
        active = self._active()
        if active is None:
            return
        is_nested = self._outer is not None
        save = active.stop.save if active.stop.requested else None
        with active as record:
            if active.role.may_report(exact=False):
                values = record.without_none(metrics) if metrics else metrics
                record.advance(step, epoch, samples)
                if values or save is not None or record.is_due(self._every):
                    record.report(values if loss is None else {"loss": loss, **values})
                    active.touch()
                else:
                    record.defer(record.step, loss)
                active.names.note(is_nested, metrics if loss is None else ("loss", *metrics))
                self._add = active.open_queue(is_nested, epoch, self._every) or refuse
            # After the last step, a stop request changes nothing: the script ends normally.
            if record.all_steps_done():
                save = None
        if save is not None:
            save()
            raise StopTraining("Stop requested; the checkpoint is saved.")

    def log(
        self,
        metrics: Mapping[str, Any],
        *,
        step: int | None = None,
        epoch: int | None = None,
        samples: int | None = None,
    ) -> None:
        """Report metrics with any names, for example after a validation. Never raises ``StopTraining``.

        Args:
            metrics: values by name, as in ``step()``. Empty: only the step is reported, as in ``step()``.
            step: completed optimizer steps since the start of the job. Default: the current step.
            epoch: current epoch, from 1. Default: the current epoch.
            samples: number of training samples in this step. Default: unknown.

        Raises:
            TypeError: a metric is not a number.
            ValueError: the step is above 2^53 - 1, the epoch negative, or a name longer than 128 characters.
        """
        if step is not None and self._add(step, epoch, None, samples, dict(metrics)):
            return
        active = self._active()
        if active is None:
            return
        is_nested = self._outer is not None
        with active as record:
            if active.role.may_report(exact=False):
                record.advance(record.step if step is None else step, epoch, samples)
                values = record.without_none(dict(metrics))
                if values or record.is_due(self._every):
                    record.report(values)
                    active.touch()
                active.names.note(is_nested, metrics, has_step=step is not None)
                self._add = active.open_queue(is_nested, epoch, self._every) or refuse

    def track(self, loader: Iterable[_Batch], epochs: int | None = None) -> Tracked[_Batch]:
        """Iterate over the batches of one epoch and report each one. Replaces ``begin()`` and ``step()``.

        Example::

            for epoch in range(10):
                batches = report.track(loader, epochs=10)
                for batch in batches:
                    ...
                    batches.log(loss=loss)

        Each call is the next epoch and continues the steps of the previous one, or those of ``resume()``. Use it for
        the training loop only, not for validation.

        Args:
            loader: yields the batches, such as a ``DataLoader``. The job has a percentage if its length is known.
            epochs: epochs of the whole job. Default: ``planned_epochs``. If both are None, there is no percentage.

        Raises:
            StopTraining: (while iterating) a stop was requested; the function registered with ``on_stop`` was called.
        """
        if self._passes is None:
            active = self._active()
            if active is None:
                self._passes = Passes(0, 0)
            else:
                with active as record:
                    self._passes = Passes(record.status["step"], record.status["epoch"])
        return Tracked(self, loader, self._passes, epochs or self._planned_epochs)

    def message(self, text: str) -> None:
        """Set the message that users see: one line, which replaces the previous one."""
        active = self._active()
        if active is None:
            return
        with active as record:
            if active.role.may_report():
                record.status["message"] = short_text("message", text)
                active.touch()

    def flush(self) -> None:
        """Write all reports to the metrics file now, instead of within 0.1 s.

        Call it before you save a state from which a later attempt continues: if the process is killed afterwards, no
        report of a step before that state is missing.
        """
        active = self._active()
        if active is not None:
            with active as record:
                if active.role.may_report():
                    record.flush()

    def checkpoint(self, path: str | os.PathLike[str]) -> None:
        """Report a checkpoint. Call it when the file is complete.

        Args:
            path: the file, in the home folder. Relative paths are relative to the home folder.

        Raises:
            FileNotFoundError: the file does not exist.
            ValueError: the file is outside the home folder, or its path is longer than 1,024 characters.
        """
        active = self._active()
        if self._home is None or active is None:
            return
        name = checkpoint_name(self._home, path)
        with active as record:
            if active.role.may_report():
                record.status["checkpoint"] = name
                active.touch()
