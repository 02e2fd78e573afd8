"""The reporter: reports the progress of a training script and handles stop requests.

Implements the trainer side of ``src/runner/PROTOCOL.md``. Standard library only, so that any script can use it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from trainyard.active_report import ActiveReport, Place
from trainyard.evaluation import Part, evaluation_record, score_record
from trainyard.files import Home, read_json
from trainyard.identity import own_identity
from trainyard.rank import rank
from trainyard.shared_reporter import (
    forget_reporter_of_process,
    has_owner,
    note_stop_handling,
    set_reporter_of_process,
    shared,
)
from trainyard.status import TERMINAL, enter, host_name, load_or_create
from trainyard.status_limits import short_text
from trainyard.track import Passes, Tracked
from trainyard.writer_lock import WriterLock

if TYPE_CHECKING:
    from typing_extensions import Self  # included in every type checker; in `typing` since Python 3.11

_MAX_CHECKPOINT = 1_024  # maximum length of a path, in UTF-16 units

_Save = TypeVar("_Save", bound=Callable[[], object])
_Batch = TypeVar("_Batch")


class StopTraining(BaseException):
    """Raised by ``Reporter.step()`` after a stop request, when the checkpoint is saved; ends the ``with`` block.

    Not a subclass of ``Exception``, so that ``except Exception`` in a training loop does not catch it.
    """


class Reporter:
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
        interval: minimum time between two writes of the status file, in seconds. Default: 0.1.
        interrupt_on_stop: raise ``KeyboardInterrupt`` in the main thread on a stop request, as Ctrl-C does, unless
            ``on_stop`` or ``should_stop`` is used, or ``handles_stop()`` was called, or the script has replaced the
            handler of SIGTERM. The end of the block is then STOPPED. Default: False.

    Raises:
        ValueError: ``every`` is less than 1.
    """

    def __init__(
        self,
        home: Home | str | os.PathLike[str] | None,
        job_id: str = "",
        attempt: int = 1,
        *,
        every: int = 5,
        interval: float = 0.1,
        interrupt_on_stop: bool = False,
    ) -> None:
        if every < 1:
            raise ValueError(f"every must be at least 1, but is {every}.")
        self._home = home if home is None or isinstance(home, Home) else Home(home)
        self._job_id = job_id
        self._attempt = attempt
        self._every = every
        self._interval = interval
        self._interrupt_on_stop = interrupt_on_stop
        self._place = Place.OWNER
        self._allows_guests = False
        self._outer: Reporter | None = None  # the reporter that this one, a nested one, reports through
        self._own: ActiveReport | None = None  # None outside the `with` block, and in a process that does not report
        self._before: tuple[Callable[[], object] | None, bool] = (None, False)  # stop handling outside a nested block
        self._goals: dict[str, str] = {}  # of `define_metric` before the block
        self._save: Callable[[], object] | None = None  # of `on_stop` before the block
        self._planned_epochs: int | None = None
        self._ended = False
        self._passes: Passes | None = None  # of track()

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Reporter:
        """Create the reporter for the job of this process.

        Outside Trainyard (``TRAINYARD_HOME`` or ``TRAINYARD_JOB_ID`` is not set), the reporter writes nothing, handles
        no signals and never requests a stop, so that the script also runs on its own.

        One process of a job reports: rank 0 of a distributed training, and of several processes without a rank the
        first one that enters its block. The reporters of the others do nothing. A second reporter in the same process
        reports through the first one; its block then neither starts nor ends the job.
        """
        home, job_id = environ.get("TRAINYARD_HOME"), environ.get("TRAINYARD_JOB_ID")
        if not home or not job_id:
            outside = cls(None)
            outside._outer = shared()  # that of `python -m trainyard run`, which shows the progress
            return outside
        attempt = int(environ.get("TRAINYARD_ATTEMPT", "1"))
        outer = shared()
        if outer is not None and outer._home == Home(home) and outer._job_id == job_id and outer._attempt == attempt:
            nested = cls(home, job_id, attempt)
            nested._outer = outer
            return nested
        report = cls(home, job_id, attempt)
        report._place = Place.GUEST if has_owner(environ) else Place.SOLE
        report._interrupt_on_stop = report._place is Place.GUEST
        return report

    def __enter__(self) -> Self:
        """Take over the status file and enter LOADING.

        Raises:
            RuntimeError: the reporter is already active, or this attempt has already ended.
        """
        if self._outer is not None:
            return self._enter_nested()
        if self._home is None:
            return self
        if self._own is not None and self._own.pid == os.getpid():
            raise RuntimeError("This reporter is already active: use one `with` block around the whole training.")
        is_mine, lock = self._take_place(self._home)
        status = read_json(self._home.status(self._job_id)) or {}
        is_over = status.get("attempt") == self._attempt and status.get("status") in TERMINAL
        if is_over and self._place is not Place.GUEST and is_mine:
            if lock is not None:
                lock.close()
            raise RuntimeError(
                f"Job {self._job_id} has already ended as {status['status']}: "
                "use one `with` block around the whole training, or start a new job."
            )
        if not is_mine or is_over:
            self._planned_epochs = _planned_epochs(load_or_create(self._home, self._job_id, self._attempt))
            return self
        self._start(self._home, lock)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        active = self._active()
        if active is not None:
            if self._outer is not None:
                active.save, active.handles_stop = self._before
            else:
                is_stop = isinstance(error, StopTraining)
                active.end(None if is_stop else error, asked_to_stop=is_stop)
                forget_reporter_of_process(self)
                self._own = None
                self._ended = True
        return isinstance(error, StopTraining)

    @property
    def active(self) -> bool:
        """Whether calls are reported: in a job, inside the ``with`` block, and not in a forked child process."""
        return self._active() is not None

    @property
    def attempt(self) -> int:
        """Number of the attempt, from 1. Above 1, continue from the state of an earlier attempt: see ``resume()``."""
        return self._attempt

    @property
    def planned_epochs(self) -> int | None:
        """Total number of epochs of the job, including those of earlier attempts; None if not specified.

        Available inside the ``with`` block. A resume can increase it.
        """
        return self._planned_epochs

    @property
    def should_stop(self) -> bool:
        """Whether a stop was requested. Check it at every step, save and leave the block; or use ``on_stop``."""
        active = self._active()
        if active is None:
            note_stop_handling()
            return False
        active.handles_stop = True
        return active.stop.requested

    @property
    def stop_requested(self) -> bool:
        """Whether a stop was requested, for launchers: in contrast to ``should_stop``, it does not handle the stop."""
        active = self._active()
        return active is not None and active.stop.requested

    @property
    def ended(self) -> bool:
        """Whether the block has ended and the terminal status is on disk."""
        return self._ended

    @property
    def explicit_names(self) -> frozenset[str]:
        """Names of the metrics that the script reported itself: through a nested reporter, or from another process."""
        active = self._active()
        return frozenset() if active is None else frozenset(active.explicit_names)

    @property
    def explicit_steps(self) -> bool:
        """Whether the script reported steps itself: through a nested reporter, or from another process."""
        active = self._active()
        return active is not None and active.explicit_steps

    def allow_guests(self) -> None:
        """Let another process of the job report, one at a time; this reporter is silent while one does.

        ``trainyard.shared_reporter.share`` calls it.
        """
        self._allows_guests = True
        active = self._active()
        if active is not None and self._home is not None:
            with active:
                active.allow_guests(WriterLock(self._home, self._job_id))

    def on_stop(self, save: _Save) -> _Save:
        """Register a function for stop requests. The next ``step()`` calls it and then raises ``StopTraining``.

        Returns ``save``, so that it can be used as a decorator.
        """
        active = self._active()
        if active is None:
            note_stop_handling()
            self._save = save
        else:
            active.save = save
        return save

    def handles_stop(self) -> None:
        """Declare that the script handles stop requests by itself, for example because a library checks for them.

        ``should_stop`` and ``on_stop`` imply it. It only matters with ``interrupt_on_stop``.
        """
        active = self._active()
        if active is not None:
            active.handles_stop = True

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
            if active.may_report():
                if self._outer is not None and total_steps is not None:
                    active.note_explicit(())
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
            name: the metric, or a prefix that ends with ``*``, such as ``"eval/*"``. An exact name overrules a prefix,
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
            if active.may_report():
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
            if active.may_report():
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
        they add a line to the metrics file and update the status. Other calls take a few microseconds and do not read
        the loss, so that they do not synchronize with a GPU.

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
        active = self._active()
        if active is None:
            return
        save = active.save if active.stop.requested else None
        with active as record:
            if active.may_report(exact=False):
                if self._outer is not None:
                    active.note_explicit(metrics if loss is None else ("loss", *metrics))
                if metrics:
                    metrics = record.without_none(metrics)
                record.advance(step, epoch, samples)
                if metrics or save is not None or record.is_due(self._every):
                    record.report(metrics if loss is None else {"loss": loss, **metrics})
                    active.touch()
                else:
                    record.defer(loss)
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
        active = self._active()
        if active is None:
            return
        with active as record:
            if active.may_report(exact=False):
                if self._outer is not None:
                    active.note_explicit(metrics, has_step=step is not None)
                record.advance(record.step if step is None else step, epoch, samples)
                values = record.without_none(dict(metrics))
                if values or record.is_due(self._every):
                    record.report(values)
                    active.touch()

    def score(
        self,
        name: str,
        value: Any,
        *,
        baseline: Any = None,
        goal: Literal["max", "min"] | None = None,
        part: Part = "validation",
        epoch: int | None = None,
        rows: int | None = None,
        unit: str | None = None,
    ) -> None:
        """Report the score of the job so far: the number that lists of jobs show and compare.

        Without it, the score is the best value of the metric with the most telling name. ``evaluation()`` replaces it.

        Args:
            name: the metric, such as ``"accuracy"``.
            value: a finite number, as in ``step()``.
            baseline: the value of a trivial model, such as one that always predicts the most frequent class.
            goal: ``"max"`` if high values are better. Default: as ``define_metric()`` or the name says.
            part: the part of the data that it was measured on: ``"test"``, ``"validation"``, ``"cross_validation"`` or
                ``"training"``.
            epoch: epoch of the model.
            rows: number of examples that it was measured on.
            unit: unit of the value, at most 32 characters.

        Raises:
            TypeError: the value or the baseline is not a number.
            ValueError: the value is not finite, the part or the goal unknown, or the name longer than 128 characters.
        """
        record_of_score = score_record(
            name, value, baseline=baseline, goal=goal, part=part, epoch=epoch, rows=rows, unit=unit
        )
        active = self._active()
        if active is None:
            return
        with active as record:
            if active.may_report():
                record.set_score(record_of_score)
                active.touch()

    def evaluation(
        self,
        metrics: Mapping[str, Any],
        *,
        score: str | None = None,
        goal: Literal["max", "min"] | None = None,
        part: Part = "test",
        rows: int | None = None,
        folds: int | None = None,
        epoch: int | None = None,
        chosen_by: str | None = None,
        baseline: Mapping[str, Any] | None = None,
        baseline_name: str | None = None,
        units: Mapping[str, str] | None = None,
        confusion: Mapping[str, Sequence[Any]] | None = None,
        predictions: Mapping[str, Sequence[Any]] | None = None,
        importance: Mapping[str, Any] | None = None,
        notes: Iterable[str] = (),
    ) -> None:
        """Report how good the model is, usually at the end. Replaces the previous evaluation of the job.

        Example::

            report.evaluation(
                {"accuracy": 0.93, "log_loss": 0.21},
                baseline={"accuracy": 0.6},
                baseline_name="most frequent class",
                confusion={"labels": ["cat", "dog"], "counts": [[55, 5], [2, 38]]},
            )

        Args:
            metrics: at least one and at most 100 metrics, with values as in ``step()``.
            score: the metric that becomes the score of the job. Default: the first one.
            goal: ``"max"`` if high scores are better. Default: as ``define_metric()`` or the name says.
            part: the part of the data: ``"test"`` if it chose nothing, ``"validation"`` if it chose the epoch or the
                settings, ``"cross_validation"`` or ``"training"``.
            rows: number of examples that it was measured on.
            folds: number of parts of a cross-validation.
            epoch: epoch of the model.
            chosen_by: the metric whose best value chose the epoch.
            baseline: the same metrics of a trivial model.
            baseline_name: what the trivial model predicts, such as ``"mean"``.
            units: unit of a metric by its name.
            confusion: ``labels``, at most 50 classes, and ``counts``, a row for each actual class with the number of
                predictions of each class.
            predictions: ``actual`` and ``predicted``, numbers of the same rows. Of more than 1,000, some are kept.
            importance: for each input, how much the score falls without it. The first 100 are kept.
            notes: sentences for users, at most 20 of 500 characters.

        Raises:
            TypeError: a metric is not a number.
            ValueError: there are no or too many metrics, ``score`` is none of them, the part or the goal is unknown, or
                the sizes of ``confusion`` or ``predictions`` do not fit.
        """
        evaluation = evaluation_record(
            metrics,
            score=score,
            goal=goal,
            part=part,
            rows=rows,
            folds=folds,
            epoch=epoch,
            chosen_by=chosen_by,
            baseline=baseline,
            baseline_name=baseline_name,
            units=units,
            confusion=confusion,
            predictions=predictions,
            importance=importance,
            notes=notes,
        )
        active = self._active()
        if active is None:
            return
        with active as record:
            if active.may_report():
                record.evaluate(evaluation)
                active.touch()

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
            status = {"step": 0, "epoch": 0} if active is None else active.record.status
            self._passes = Passes(status["step"], status["epoch"])
        return Tracked(self, loader, self._passes, epochs or self._planned_epochs)

    def message(self, text: str) -> None:
        """Set the message that users see: one line, which replaces the previous one."""
        active = self._active()
        if active is None:
            return
        with active as record:
            if active.may_report():
                record.status["message"] = short_text("message", text)
                active.touch()

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
        file = Path(os.path.normpath(self._home.path / path))
        if not file.is_relative_to(self._home.path):
            raise ValueError(f"The checkpoint {file} is outside {self._home.path}: save it in its 'models' folder.")
        if not file.is_file():
            raise FileNotFoundError(f"Checkpoint {file} not found: call checkpoint() after the file is written.")
        name = file.relative_to(self._home.path).as_posix()
        if len(name.encode("utf-16-le", "surrogatepass")) > 2 * _MAX_CHECKPOINT:
            raise ValueError(f"The checkpoint path {name[:40]!r}... is longer than 1,024 characters: shorten it.")
        with active as record:
            if active.may_report():
                record.status["checkpoint"] = name
                active.touch()

    def _active(self) -> ActiveReport | None:
        """The state to report through; None outside the block, without a job, and in a forked child."""
        active = self._own if self._outer is None else self._outer._own
        return active if active is not None and active.pid == os.getpid() else None

    def _enter_nested(self) -> Self:
        active = self._active()
        if active is not None:
            self._before = (active.save, active.handles_stop)
            active.save = self._save or active.save
            self._planned_epochs = self._outer.planned_epochs if self._outer is not None else None
        return self

    def _take_place(self, home: Home) -> tuple[bool, WriterLock | None]:
        """Return whether this process reports, and the lock for it."""
        if self._place is Place.OWNER:
            return True, WriterLock(home, self._job_id) if self._allows_guests else None
        its_rank = rank()
        if its_rank > 0:
            _print(f"rank {its_rank} (process {os.getpid()}) does not report: rank 0 does")
            return False, None
        try:
            lock = WriterLock(home, self._job_id)
            if lock.take_role():
                return True, lock
            lock.close()
        except OSError as error:  # such as a full disk
            _print(f"cannot lock {home.reporter_lock(self._job_id)} ({error})")
            return self._place is Place.SOLE, None
        _print(f"process {os.getpid()} does not report: another process of the job does")
        return False, None

    def _start(self, home: Home, lock: WriterLock | None) -> None:
        active = ActiveReport(
            home,
            self._job_id,
            self._attempt,
            place=self._place,
            lock=lock,
            interval=self._interval,
            may_interrupt=self._interrupt_on_stop,
        )
        active.save = self._save
        self._planned_epochs = _planned_epochs(active.record.status)
        self._own = active
        if self._place is not Place.OWNER:
            set_reporter_of_process(self)
        active.stop.install()
        with active as record:
            for name, goal in self._goals.items():
                record.define(name, goal)
            if self._place is Place.GUEST:
                active.stop.requested = active.stop.requested or record.status["status"] == "STOPPING"
            else:
                record.status.update(pid=active.pid, process=own_identity(), host=host_name())
                enter(record.status, "LOADING")
                active.write_now()
            active.measure_system()


def _planned_epochs(status: Mapping[str, Any]) -> int | None:
    """Return the planned number of epochs in the status of the runner."""
    epochs = status["epochs"]
    return epochs if type(epochs) is int and epochs >= 1 else None


def _print(text: str) -> None:
    with suppress(OSError):  # a broken standard error must not end the training
        print(f"trainyard: {text}.", file=sys.stderr)
