"""Methods with which a training script reports its steps and their metrics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from trainyard.reporter.report_queue import refuse
from trainyard.reporter.scores import Scores
from trainyard.reporter.status_limits import short_text
from trainyard.reporter.stop_requests import StopTraining


class Steps(Scores):
    """The part of a ``Reporter`` that is about steps and metrics."""

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
            active.stop.is_delivered = True
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
