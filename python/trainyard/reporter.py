"""The reporter: how a training script says where it stands, and hears that it should stop.

Implements the trainer's side of ``src/runner/PROTOCOL.md``. Standard library only, so that any script can use it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
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

if TYPE_CHECKING:
    from typing_extensions import Self  # every type checker brings it; `typing` has it from Python 3.11 on

_MAX_CHECKPOINT = 1_024  # UTF-16 units of a path, as readers count

_Save = TypeVar("_Save", bound=Callable[[], object])


class StopTraining(BaseException):
    """Raised by ``Reporter.step()`` once a stop was asked for and the checkpoint is saved; ends the ``with`` block.

    Not an ``Exception``, so that ``except Exception`` in a training loop does not swallow it.
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

    Leaving the block says how the job ended: COMPLETED, STOPPED after a stop, ERROR with the exception that left it.
    A job that is resumed or retried runs its script again with a greater ``attempt``: see ``resume()``.
    A full disk never stops a training: the reporter warns once on standard error and goes on trying.
    Every method may be called from any thread, and does nothing in a forked child (a data loader).

    Args:
        home: the folder the files lie in; None for a reporter that writes nothing.
        job_id: which job.
        attempt: 1, 2, ...: a resumed or retried job is a new attempt.
        every: a step that is a multiple of this is reported.
        interval: seconds between two writes of the status file, at least.
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
        self._pid: int | None = None  # the process inside the `with` block, None outside of it
        self._save: Callable[[], object] | None = None
        self._planned_epochs: int | None = None
        self._ended = False

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Reporter:
        """The reporter of the job this process was started for.

        Outside Trainyard (``TRAINYARD_HOME`` or ``TRAINYARD_JOB_ID`` not set) it writes nothing, takes no signals
        and never asks to stop, so that the same script also runs by hand.
        """
        home, job_id = environ.get("TRAINYARD_HOME"), environ.get("TRAINYARD_JOB_ID")
        if not home or not job_id:
            return cls(None)
        return cls(home, job_id, int(environ.get("TRAINYARD_ATTEMPT", "1")))

    def __enter__(self) -> Self:
        """Take over the status file: LOADING, with this process as the writer.

        Raises:
            RuntimeError: this attempt has already ended; a terminal status never changes.
        """
        if self._home is None:
            return self
        if self._pid is not None:
            raise RuntimeError("This reporter is in use already: enter it once, around the whole training.")
        record = JobRecord(self._home, self._job_id, self._attempt, self._is_stop_requested)
        if record.status["status"] in TERMINAL:
            raise RuntimeError(
                f"Job {self._job_id} has already ended as {record.status['status']}: "
                "put the whole training into one `with` block, or start a new job."
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
        # In this order: a signal that still comes rings the throttle's pipe, which must not be another file by then.
        self._stop.restore()
        self._throttle.close()
        return isinstance(error, StopTraining)

    @property
    def attempt(self) -> int:
        """1, 2, ...: above 1, look for what an earlier attempt saved, and go on from there (see ``resume()``)."""
        return self._attempt

    @property
    def planned_epochs(self) -> int | None:
        """How many epochs the job is to reach in all, those of earlier attempts included; None where nobody said.

        Known from the beginning of the ``with`` block on. A job that is resumed may get more than it had.
        """
        return self._planned_epochs

    @property
    def should_stop(self) -> bool:
        """Whether a stop was asked for. Look at it at every step, save, and leave the block; or use ``on_stop``."""
        return self._is_ours() and self._stop.requested

    @property
    def ended(self) -> bool:
        """Whether the block was left and how the job ended is on disk."""
        return self._ended

    def on_stop(self, save: _Save) -> _Save:
        """Have ``save()`` called, and then ``StopTraining`` raised, by the first ``step()`` after a stop was asked for.

        Returns ``save``, so that it may be used as a decorator.
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
        """The data is loaded, the first step is about to be done: RUNNING.

        Call it again to correct the totals, when early stopping finds that fewer steps are needed.

        Args:
            total_steps: optimizer steps of the whole job; None when unknown (progress then follows the epochs).
            epochs: epochs of the whole job.
            device: such as ``"cpu"``, or a ``torch.device``; None keeps what was said before.
            simulation: whether no model is trained.
            message: one line for people; None keeps what was said before.
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
        """This attempt goes on from what an earlier one saved. Call it before ``begin()``.

        Progress then shows where the job is, and not that of a new one, until the next ``step()``, which counts on
        from here. Nothing is added to the history of the metrics.

        Args:
            step: optimizer steps that are done.
            epoch: the epoch of the last of them, from 1.
            metrics: the newest numbers, ``loss`` among them.

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
        """One optimizer step is done.

        The call is a *report* (a line in the metrics file, a new status) when the step is the first, the last or a
        multiple of ``every``, or when it carries metrics beside the loss. Other calls cost a few microseconds: a loss
        that lies on a GPU is then not even read, so that the GPU need not be waited for.

        Args:
            step: optimizer steps done since the beginning of the job (absolute, not since the epoch began).
            epoch: the epoch under way, from 1.
            loss: training loss; like every metric a number, or anything with one value that ``float()`` takes.
            samples: training samples this step used; gives samples a second.
            metrics: any further numbers by name, such as ``val_loss``. The status shows the first 500 names,
                the metrics history up to 10,000.

        Raises:
            StopTraining: a stop was asked for, and what was registered with ``on_stop`` has been called.
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
                self._record.pass_over(loss)
        # With all steps done there is nothing left to cut short: the script finishes as it would have.
        if stopping and not self._record.all_steps_done() and self._save is not None:
            self._save()
            raise StopTraining("A stop was asked for; the checkpoint is saved.")

    def message(self, text: str) -> None:
        """Say something to the people who watch; one line, the newest replaces the one before."""
        if self._is_ours():
            with self._throttle.lock:
                self._record.status["message"] = short_text("message", text)
                self._throttle.touch()

    def checkpoint(self, path: str | os.PathLike[str]) -> None:
        """A checkpoint lies ready. Call it once the file is complete.

        Args:
            path: the file, under the home folder; a relative path starts there.

        Raises:
            FileNotFoundError: there is no such file.
            ValueError: it lies outside the home folder, or its path is longer than 1,024 characters.
        """
        if self._home is None or not self._is_ours():
            return
        file = Path(os.path.normpath(self._home.path / path))
        if not file.is_relative_to(self._home.path):
            raise ValueError(f"The checkpoint {file} lies outside {self._home.path}: save it under 'models/' in there.")
        if not file.is_file():
            raise FileNotFoundError(f"There is no checkpoint {file}: call checkpoint() once the file is written.")
        name = file.relative_to(self._home.path).as_posix()
        if len(name.encode("utf-16-le", "surrogatepass")) > 2 * _MAX_CHECKPOINT:
            raise ValueError(f"The checkpoint path {name[:40]!r}... is longer than 1,024 characters: shorten it.")
        with self._throttle.lock:
            self._record.status["checkpoint"] = name
            self._throttle.touch()

    def _is_ours(self) -> bool:
        """Whether this process is the one that reports: inside the block, not silent, not a forked child."""
        return self._pid is not None and self._pid == os.getpid()

    def _is_stop_requested(self) -> bool:
        return self._stop.requested
