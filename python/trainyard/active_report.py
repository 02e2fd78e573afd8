"""A reporter at work: its record, its writes, its stop signal and its place among the processes of the job."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from enum import Enum
from types import TracebackType

from trainyard.files import Home
from trainyard.identity import is_alive
from trainyard.job_record import JobRecord
from trainyard.peak_memory import note_peak
from trainyard.process_usage import Usage
from trainyard.stop_signal import StopSignal
from trainyard.system_metrics import SystemMetrics, seconds_between
from trainyard.throttle import Throttle
from trainyard.writer_lock import WriterLock

_SECONDS_BETWEEN_CHECKS = 0.05  # whether another process reports, at steps; changes of status always check


class Place(Enum):
    """The place of a reporter among the processes of its job."""

    OWNER = "owner"
    """Owns the life of the job. Writes while no guest reports."""
    SOLE = "sole"
    """Owns the life of the job, and keeps other processes from reporting."""
    GUEST = "guest"
    """Reports while the owner is silent. Never changes the life of the job."""


class ActiveReport:
    """The state of a reporter inside its ``with`` block. A context manager: hold it to use ``record``.

    Args:
        lock: decides whether this process may write; None if no other process reports.
        interval: minimum time between two writes of the status file, in seconds.
        may_interrupt: whether a stop request raises ``KeyboardInterrupt`` in the main thread if nothing handles it.
    """

    def __init__(
        self,
        home: Home,
        job_id: str,
        attempt: int,
        *,
        place: Place,
        lock: WriterLock | None,
        interval: float,
        may_interrupt: bool,
    ) -> None:
        self.pid = os.getpid()
        self.place = place
        self.save: Callable[[], object] | None = None
        """The function of ``on_stop``."""
        self.handles_stop = False
        """Whether the script checks for a stop request."""
        self.explicit_names: set[str] = set()
        """Metrics that the script or a guest has reported itself."""
        self.explicit_steps = False
        """Whether the script or a guest has reported a step itself."""
        self.record = JobRecord(home, job_id, attempt, lambda: self.stop.requested)
        self._home = home
        self._system: SystemMetrics | None = None
        self._ended = False
        self._lock = lock
        self._may_interrupt = may_interrupt
        self._is_interrupted = False
        self._signalled_guest: int | None = None
        self._is_mine = True
        self._next_check = 0.0
        self._throttle = Throttle(self._write, interval)
        self.stop = StopSignal(self._throttle.wake)

    def __enter__(self) -> JobRecord:
        if self._may_interrupt:  # an interrupt between two statements of the record could write a line twice
            self.stop.enter_critical()
        self._throttle.lock.acquire()
        return self.record

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._throttle.lock.release()
        if self._may_interrupt:
            self.stop.leave_critical()

    # The methods below need the lock: call them inside the `with` block.

    def may_report(self, exact: bool = True) -> bool:
        """Whether this process reports now. False while a guest reports, and in a guest after the end of the job.

        Args:
            exact: False uses an answer of the last 0.05 s, so that it costs nothing at a step.
        """
        if self._lock is None or self.place is Place.SOLE:
            return True
        now = time.monotonic()
        if exact or now >= self._next_check:
            self._next_check = now + _SECONDS_BETWEEN_CHECKS
            with self._lock.writing() as self._is_mine:
                if self._is_mine and self._guest_has_reported():
                    self._continue_after_guest()
        return self._is_mine

    def measure_system(self) -> None:
        """Start to measure the processes of the job, unless ``TRAINYARD_SYSTEM_METRICS_SECONDS`` is 0."""
        seconds = seconds_between()
        if seconds > 0:
            supervisor = self.record.status["supervisor"]
            pid = supervisor["pid"] if is_alive(supervisor) else None
            self._system = SystemMetrics(seconds, pid, self._report_system)

    def allow_guests(self, lock: WriterLock) -> None:
        """Let another process of the job report: see ``Place.OWNER``."""
        self._lock = lock

    def note_explicit(self, names: Iterable[str], has_step: bool = True) -> None:
        """Record that the script has reported these metrics, and a step, itself."""
        self.explicit_steps = self.explicit_steps or has_step
        self.explicit_names.update(names)

    def touch(self) -> None:
        """Write the record now, or when the interval is over."""
        self._throttle.touch()

    def write_now(self) -> None:
        """Write the record immediately."""
        self._throttle.write_now()

    def end(self, error: BaseException | None, asked_to_stop: bool) -> None:
        """Write the last status and release everything. Call it outside the block, once.

        Args:
            error: the exception that ends the job, or None.
            asked_to_stop: whether it ended because ``step`` raised ``StopTraining``.
        """
        self.stop.enter_critical()  # for good: an interrupt must not prevent the last status
        if self._system is not None:
            self._system.end()
        self._throttle.end_thread()
        self._may_interrupt = False
        self.stop.cancel_interrupt()
        with self:
            self._ended = True
            if self.place is Place.GUEST:
                if self.may_report():
                    self.record.leave()
                    self._write()
            else:
                self._end_job(error, asked_to_stop)
            if self._lock is not None:
                self._lock.close()
        # In this order: a late signal writes to the throttle's pipe, so the pipe must still be open.
        self.stop.restore()
        self._throttle.close()

    def _report_system(self, values: dict[str, float], usage: Usage) -> None:
        with self as record:
            if self._ended or not self.may_report():
                return
            status = record.status
            if status["supervisor"] is not None:  # it reads and removes the peak
                note_peak(self._home, status["job_id"], status["attempt"], usage.memory_bytes)
            record.append_system(values)

    def _end_job(self, error: BaseException | None, asked_to_stop: bool) -> None:
        if self._lock is not None and self.place is Place.OWNER and self._lock.end():
            self._continue_after_guest()
        is_interrupted = isinstance(error, KeyboardInterrupt)
        stopped = self.stop.requested and (is_interrupted or not self.record.all_steps_done())
        self.record.close(error, stopped=asked_to_stop or stopped)
        if self._lock is not None and self.place is Place.SOLE:
            self._lock.end()

    def _guest_has_reported(self) -> bool:
        return self._lock is not None and self.place is Place.OWNER and self._lock.others_have_reported()

    def _continue_after_guest(self) -> None:
        self.explicit_names.update(self.record.reload())
        self.explicit_steps = True

    def _write(self) -> bool:
        if self._lock is None or self.place is Place.SOLE:
            done, guest = self.record.write(), None
        else:
            with self._lock.writing() as mine:
                if mine:
                    if self._guest_has_reported():
                        self._continue_after_guest()
                    done, guest = self.record.write(), None
                else:
                    done, guest = True, self._lock.holder()
        if self.stop.requested and self.place is not Place.SOLE:
            return self._pass_stop_on(guest) and done
        return done

    def _pass_stop_on(self, guest: int | None) -> bool:
        """Signal the guest, or else interrupt the main thread. Returns False while a guest reports: ask again."""
        if self.place is Place.OWNER and guest is not None:
            if guest != self._signalled_guest:
                self._signalled_guest = guest
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(guest, signal.SIGTERM)
            return False
        handled = self.handles_stop or self.save is not None
        if self._may_interrupt and not handled and not self._is_interrupted:
            self._is_interrupted = True
            self.stop.interrupt_main()
        return True
