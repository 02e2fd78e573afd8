"""The reporter: reports the progress of a training script and handles stop requests.

Implements the trainer side of ``src/runner/PROTOCOL.md``. Standard library only, so that any script can use it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from trainyard.files import Home
from trainyard.identity import own_identity
from trainyard.job_record import JobRecord
from trainyard.status import TERMINAL, enter, host_name
from trainyard.status_limits import short_text
from trainyard.stop_signal import StopSignal
from trainyard.throttle import Throttle
from trainyard.track import Passes, Tracked

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

    Args:
        home: the home folder; None creates a reporter that writes nothing.
        job_id: ID of the job.
        attempt: number of the attempt, from 1. A resume or retry is a new attempt. Default: 1.
        every: report every step that is a multiple of this number. Default: 5.
        interval: minimum time between two writes of the status file, in seconds. Default: 0.1.

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
    ) -> None:
        if every < 1:
            raise ValueError(f"every must be at least 1, but is {every}.")
        self._home = home if home is None or isinstance(home, Home) else Home(home)
        self._job_id = job_id
        self._attempt = attempt
        self._every = every
        self._interval = interval
        self._pid: int | None = None  # the process in the `with` block; None outside the block
        self._save: Callable[[], object] | None = None
        self._planned_epochs: int | None = None
        self._ended = False
        self._passes: Passes | None = None  # of track()

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Reporter:
        """Create the reporter for the job of this process.

        Outside Trainyard (``TRAINYARD_HOME`` or ``TRAINYARD_JOB_ID`` is not set), the reporter writes nothing, handles
        no signals and never requests a stop, so that the script also runs on its own.
        """
        home, job_id = environ.get("TRAINYARD_HOME"), environ.get("TRAINYARD_JOB_ID")
        if not home or not job_id:
            return cls(None)
        return cls(home, job_id, int(environ.get("TRAINYARD_ATTEMPT", "1")))

    def __enter__(self) -> Self:
        """Take over the status file and enter LOADING.

        Raises:
            RuntimeError: the reporter is already active, or this attempt has already ended.
        """
        if self._home is None:
            return self
        if self._pid is not None:
            raise RuntimeError("This reporter is already active: use one `with` block around the whole training.")
        record = JobRecord(self._home, self._job_id, self._attempt, self._is_stop_requested)
        if record.status["status"] in TERMINAL:
            raise RuntimeError(
                f"Job {self._job_id} has already ended as {record.status['status']}: "
                "use one `with` block around the whole training, or start a new job."
            )
        self._pid = os.getpid()
        self._record = record
        self._planned_epochs = record.planned_epochs()
        self._throttle = Throttle(record.write, self._interval)
        self._stop = StopSignal(self._throttle.wake)
        self._stop.install()
        with self._throttle.lock:
            record.status.update(pid=self._pid, process=own_identity(), host=host_name())
            enter(record.status, "LOADING")
            self._throttle.write_now()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if not self._is_ours():
            return False
        self._throttle.end_thread()
        with self._throttle.lock:
            if isinstance(error, StopTraining):
                self._record.close(None, stopped=True)
            else:
                self._record.close(error, stopped=self._stop.requested and not self._record.all_steps_done())
            self._pid = None
            self._ended = True
        # In this order: a late signal writes to the throttle's pipe, so the pipe must still be open.
        self._stop.restore()
        self._throttle.close()
        return isinstance(error, StopTraining)

    @property
    def active(self) -> bool:
        """Whether calls are reported: in a job, inside the ``with`` block, and not in a forked child process."""
        return self._is_ours()

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
        return self._is_ours() and self._stop.requested

    @property
    def ended(self) -> bool:
        """Whether the block has ended and the terminal status is on disk."""
        return self._ended

    def on_stop(self, save: _Save) -> _Save:
        """Register a function for stop requests. The next ``step()`` calls it and then raises ``StopTraining``.

        Returns ``save``, so that it can be used as a decorator.
        """
        self._save = save
        return save

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
        if not self._is_ours():
            return
        with self._throttle.lock:
            self._record.begin(total_steps, epochs, simulation)
            if device is not None:
                self._record.status["device"] = short_text("device", device)
            if message is not None:
                self._record.status["message"] = short_text("message", message)
            self._throttle.write_now()

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
        if self._is_ours():
            with self._throttle.lock:
                self._record.resume(step, epoch, metrics)
                self._throttle.touch()

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
            step: number of optimizer steps since the start of the job (not of the epoch).
            epoch: current epoch, from 1.
            loss: training loss: a number, or an object with one value that ``float()`` accepts, such as a tensor.
            samples: number of training samples in this step, for the rate of samples per second.
            metrics: other metrics by name, such as ``val_loss``; values as for ``loss``. The status shows the first 500
                names, the metrics history up to 10,000.

        Raises:
            StopTraining: a stop was requested, and the function registered with ``on_stop`` was called.
            TypeError: a loss or metric is not a number.
            ValueError: the step is above 2^53 - 1, the epoch negative, or a name longer than 128 characters.
        """
        if not self._is_ours():
            return
        stopping = self._stop.requested and self._save is not None
        with self._throttle.lock:
            self._record.advance(step, epoch, samples)
            if metrics or stopping or self._record.is_due(self._every):
                self._record.report(metrics if loss is None else {"loss": loss, **metrics})
                self._throttle.touch()
            else:
                self._record.defer(loss)
        # After the last step, a stop request changes nothing: the script ends normally.
        if stopping and not self._record.all_steps_done() and self._save is not None:
            self._save()
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
        if not self._is_ours():
            return
        with self._throttle.lock:
            record = self._record
            record.advance(record.status["step"] if step is None else step, epoch, samples)
            if metrics or record.is_due(self._every):
                record.report(dict(metrics))
                self._throttle.touch()

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
            status = self._record.status if self._is_ours() else {"step": 0, "epoch": 0}
            self._passes = Passes(status["step"], status["epoch"])
        return Tracked(self, loader, self._passes, epochs or self._planned_epochs)

    def message(self, text: str) -> None:
        """Set the message that users see: one line, which replaces the previous one."""
        if self._is_ours():
            with self._throttle.lock:
                self._record.status["message"] = short_text("message", text)
                self._throttle.touch()

    def checkpoint(self, path: str | os.PathLike[str]) -> None:
        """Report a checkpoint. Call it when the file is complete.

        Args:
            path: the file, in the home folder. Relative paths are relative to the home folder.

        Raises:
            FileNotFoundError: the file does not exist.
            ValueError: the file is outside the home folder, or its path is longer than 1,024 characters.
        """
        if self._home is None or not self._is_ours():
            return
        file = Path(os.path.normpath(self._home.path / path))
        if not file.is_relative_to(self._home.path):
            raise ValueError(f"The checkpoint {file} is outside {self._home.path}: save it in its 'models' folder.")
        if not file.is_file():
            raise FileNotFoundError(f"Checkpoint {file} not found: call checkpoint() after the file is written.")
        name = file.relative_to(self._home.path).as_posix()
        if len(name.encode("utf-16-le", "surrogatepass")) > 2 * _MAX_CHECKPOINT:
            raise ValueError(f"The checkpoint path {name[:40]!r}... is longer than 1,024 characters: shorten it.")
        with self._throttle.lock:
            self._record.status["checkpoint"] = name
            self._throttle.touch()

    def _is_ours(self) -> bool:
        """Whether this process reports: inside the block, with a home folder, and not a forked child."""
        return self._pid is not None and self._pid == os.getpid()

    def _is_stop_requested(self) -> bool:
        return self._stop.requested
