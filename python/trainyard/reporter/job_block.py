"""The ``with`` block of a reporter: the life of a job in its training process."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Set
from types import TracebackType
from typing import TYPE_CHECKING, Any, cast

from trainyard.files import Home, read_json
from trainyard.identity import own_identity
from trainyard.reporter.active_report import ActiveReport
from trainyard.reporter.report_queue import Add, refuse
from trainyard.reporter.reporting_role import Place, take_role
from trainyard.reporter.shared_reporter import forget_reporter_of_process, has_owner, set_reporter_of_process, shared
from trainyard.reporter.stop_requests import StopRequests, StopTraining
from trainyard.reporter.writer_lock import WriterLock
from trainyard.status import TERMINAL, enter, host_name, load_or_create

if TYPE_CHECKING:
    from typing_extensions import Self  # included in every type checker; in `typing` since Python 3.11

    from trainyard.reporter.reporter import Reporter


class JobBlock(StopRequests):
    """The part of a ``Reporter`` that starts and ends a job: see there."""

    def __init__(
        self,
        home: Home | str | os.PathLike[str] | None,
        job_id: str = "",
        attempt: int = 1,
        *,
        every: int = 5,
        interval: float = 0.1,
        interrupt_on_stop: bool = False,
        reads_checkpoint: bool = False,
    ) -> None:
        if every < 1:
            raise ValueError(f"every must be at least 1, but is {every}.")
        self._home = home if home is None or isinstance(home, Home) else Home(home)
        self._job_id = job_id
        self._attempt = attempt
        self._every = every
        self._interval = interval
        self._interrupt_on_stop = interrupt_on_stop
        self._reads_checkpoint = reads_checkpoint
        self._place = Place.OWNER
        self._allows_guests = False
        self._outer: Reporter | None = None  # the reporter that this one, a nested one, reports through
        self._own: ActiveReport | None = None  # None outside the `with` block, and in a process that does not report
        self._add: Add = refuse  # a report that is like the previous one
        self._before: tuple[Callable[[], object] | None, bool] = (None, False)  # stop handling outside a nested block
        self._goals: dict[str, str] = {}  # of `define_metric` before the block
        self._planned_epochs: int | None = None
        self._ended = False

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ, *, every: int = 5) -> Self:
        """Create the reporter for the job of this process.

        Outside Trainyard (``TRAINYARD_HOME`` or ``TRAINYARD_JOB_ID`` is not set), the reporter writes nothing, handles
        no signals and never requests a stop, so that the script also runs on its own.

        One process of a job reports: rank 0 of a distributed training, and of several processes without a rank the
        first one that enters its block. The reporters of the others do nothing. A second reporter in the same process
        reports through the first one; its block then neither starts nor ends the job.

        Args:
            every: report every step that is a multiple of this number; 1 reports all.

        Raises:
            ValueError: ``every`` is less than 1.
        """
        home, job_id = environ.get("TRAINYARD_HOME"), environ.get("TRAINYARD_JOB_ID")
        if not home or not job_id:
            outside = cls(None, every=every)
            outside._outer = shared()  # that of `python -m trainyard run`, which shows the progress
            return outside
        attempt = int(environ.get("TRAINYARD_ATTEMPT", "1"))
        outer = shared()
        if outer is not None and outer._home == Home(home) and outer._job_id == job_id and outer._attempt == attempt:
            nested = cls(home, job_id, attempt, every=every)
            nested._outer = outer
            return nested
        report = cls(home, job_id, attempt, every=every)
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
        is_mine, lock = take_role(self._home, self._job_id, self._place, self._allows_guests)
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
                active.stop.save, active.stop.handles_stop = self._before
            else:
                is_stop = isinstance(error, StopTraining)
                active.end(None if is_stop else error, asked_to_stop=is_stop)
                forget_reporter_of_process(cast("Reporter", self))
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
    def ended(self) -> bool:
        """Whether the block has ended and the terminal status is on disk."""
        return self._ended

    @property
    def explicit_names(self) -> Set[str]:
        """Names of the metrics that the script reported itself: through a nested reporter, or from another process."""
        active = self._active()
        return frozenset() if active is None else active.names.explicit

    @property
    def explicit_steps(self) -> bool:
        """Whether the script reported steps itself: through a nested reporter, or from another process."""
        active = self._active()
        return active is not None and active.names.explicit_steps

    def allow_guests(self) -> None:
        """Let another process of the job report, one at a time; this reporter is silent while one does.

        ``trainyard.reporter.shared_reporter.share`` calls it.
        """
        self._allows_guests = True
        active = self._active()
        if active is not None and self._home is not None:
            with active:
                active.role.allow_guests(WriterLock(self._home, self._job_id))

    def _active(self) -> ActiveReport | None:
        """The state to report through; None outside the block, without a job, and in a forked child."""
        active = self._own if self._outer is None else self._outer._own
        return active if active is not None and active.pid == os.getpid() else None

    def _enter_nested(self) -> Self:
        active = self._active()
        if active is not None:
            self._before = (active.stop.save, active.stop.handles_stop)
            active.stop.save = self._save or active.stop.save
            self._planned_epochs = self._outer.planned_epochs if self._outer is not None else None
        return self

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
        active.stop.save = self._save
        self._planned_epochs = _planned_epochs(active.record.status)
        self._own = active
        if self._place is not Place.OWNER:
            set_reporter_of_process(cast("Reporter", self))
        active.stop.signal.install()
        with active as record:
            for name, goal in self._goals.items():
                record.define(name, goal)
            if self._place is Place.GUEST:
                active.stop.signal.requested = active.stop.requested or record.status["status"] == "STOPPING"
            else:
                record.status.update(pid=active.pid, process=own_identity(), host=host_name())
                record.status["reads_checkpoint"] = self._reads_checkpoint
                enter(record.status, "LOADING")
                active.write_now()
            active.measure_system()


def _planned_epochs(status: Mapping[str, Any]) -> int | None:
    """Return the planned number of epochs in the status of the runner."""
    epochs = status["epochs"]
    return epochs if type(epochs) is int and epochs >= 1 else None
