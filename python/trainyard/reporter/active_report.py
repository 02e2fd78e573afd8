"""A reporter at work: its record, its writes, its stop signal and its place among the processes of the job."""

from __future__ import annotations

import atexit
import os
import signal
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from enum import Enum
from types import TracebackType

from trainyard.files import Home
from trainyard.identity import is_alive
from trainyard.reporter.job_record import JobRecord
from trainyard.reporter.report_queue import ReportQueue
from trainyard.reporter.throttle import Throttle
from trainyard.reporter.write_pace import WritePace
from trainyard.reporter.writer_lock import WriterLock
from trainyard.signals.hard_exit import HardExit
from trainyard.signals.stop_signal import StopSignal
from trainyard.usage.peak_memory import note_peak
from trainyard.usage.process_usage import Usage
from trainyard.usage.system_metrics import SystemMetrics, seconds_between

MAX_DELAY = 0.1
"""Seconds after which a report is in the metrics file at the latest."""

_SECONDS_FOR_THREAD = 0.05  # to write what is due: a rename can take milliseconds, in which the training goes on
_SECONDS_BETWEEN_CHECKS = 0.16  # whether another process reports, at steps; changes of status always check
_FLUSH_SECONDS = 1.0  # maximum wait for another thread that writes, when the process exits


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
        self.names: tuple[set[str], set[str]] = (set(), set())
        """Metrics that were reported: not by the script itself, and by the script itself or a guest."""
        self.explicit_steps = False
        """Whether the script or a guest has reported a step itself."""
        self.record = JobRecord(home, job_id, attempt, lambda: self.stop.requested)
        self.queue = ReportQueue(self.record.defer)
        self._home = home
        self._system: SystemMetrics | None = None
        self._ended = False
        self._lock = lock
        self._may_interrupt = may_interrupt
        self._is_interrupted = False
        self._signalled_guest: int | None = None
        self._is_mine = True
        self._next_check = 0.0
        self._must_write = False  # whatever the pace
        self._pace = WritePace(interval)
        self._throttle = Throttle(self._write, min(interval, MAX_DELAY), self._has_more)
        self.stop = StopSignal(self._wake)
        self._hard_exit = HardExit(lambda _code: self.flush())
        atexit.register(self.flush)  # for a script that never leaves its block

    def __enter__(self) -> JobRecord:
        if self._may_interrupt:  # an interrupt between two statements of the record could write a line twice
            self.stop.enter_critical()
        self._throttle.lock.acquire()
        self.record.apply(self.queue.take())
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

    def note(self, is_explicit: bool, names: Iterable[str], has_step: bool = True) -> None:
        """Record which metrics were reported, and if ``is_explicit`` that the script itself did so.

        Args:
            has_step: whether a step was reported with them.
        """
        self.names[is_explicit].update(names)
        self.explicit_steps = self.explicit_steps or (is_explicit and has_step)

    def touch(self) -> None:
        """Write the record now, or when the interval is over."""
        self._throttle.touch()

    def write_now(self) -> None:
        """Write the record immediately."""
        self._must_write = True
        self._throttle.write_now()

    def open_queue(self, is_explicit: bool, epoch: int | None) -> None:
        """Let the queue accept reports until the next write, after one with this epoch was recorded.

        Args:
            is_explicit: whether the script itself reports: see ``note``.
        """
        until = self._throttle.due + _SECONDS_FOR_THREAD
        if self._lock is not None and self.place is not Place.SOLE:
            until = min(until, self._next_check) if self._is_mine else 0.0
        self.queue.total_steps = self.record.status["total_steps"]
        self.queue.open(until, self.names[is_explicit], self.record.step, epoch)
        if self.stop.requested:  # also if the signal arrives between these lines
            self.queue.close()

    def flush_soon(self) -> None:
        """Write the reports in the queue now, or when the interval is over. Call it outside the block."""
        with self:
            self.touch()

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
        self.queue.close()
        with self:
            self._ended = True
            if self.place is Place.GUEST:
                if self.may_report():
                    self.record.leave()
                    self._must_write = True
                    self._write()
            else:
                self._end_job(error, asked_to_stop)
            if self._lock is not None:
                self._lock.close()
        # In this order: a late signal writes to the throttle's pipe, so the pipe must still be open.
        self.stop.restore()
        self._throttle.close()
        self._hard_exit.remove()
        atexit.unregister(self.flush)

    def flush(self) -> None:
        """Write the record immediately, before the process ends without the end of the block."""
        if self.pid == os.getpid() and not self._ended and self._throttle.lock.acquire(timeout=_FLUSH_SECONDS):
            try:
                self._must_write = True
                self._write()
            finally:
                self._throttle.lock.release()

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
        self.names[True].update(self.record.reload())
        self.explicit_steps = True

    def _wake(self) -> None:
        """Make the thread write STOPPING, and the script call ``step`` in full. For the signal handler."""
        self.queue.close()
        self._throttle.wake()

    def _has_more(self) -> bool:
        if self.queue:
            return True
        # In this order: a report that is added after the check finds the queue closed, and is taken by its own thread.
        self.queue.close()
        return bool(self.queue)

    def _write(self) -> bool:
        """Write the lines of all reports, and the status unless it was written a moment ago."""
        self.record.apply(self.queue.take())
        is_due = self._status_is_due()
        if not is_due and self.place is not Place.GUEST:  # lines need no lock: the role allowed their reports
            self.record.flush()
            return False
        if self._lock is None or self.place is Place.SOLE:
            done, guest = self._write_own(is_due), None
        else:
            with self._lock.writing() as mine:
                if mine:
                    if self._guest_has_reported():
                        self._continue_after_guest()
                    done, guest = self._write_own(is_due), None
                    self._is_mine, self._next_check = True, time.monotonic() + _SECONDS_BETWEEN_CHECKS
                else:
                    self._give_way()
                    done, guest = True, self._lock.holder()
        if self.stop.requested and self.place is not Place.SOLE:
            return self._pass_stop_on(guest) and done
        return done

    def _status_is_due(self) -> bool:
        is_news = self.stop.requested and self.record.status["status"] != "STOPPING"
        return self._must_write or is_news or self._pace.is_due(time.monotonic())

    def _write_own(self, is_due: bool) -> bool:
        if not is_due:
            self.record.flush()
            return False
        self._must_write = False
        started = time.monotonic()
        done = self.record.write()
        self._pace.written(started, time.monotonic())
        return done

    def _give_way(self) -> None:
        """Write or drop the lines of reports from before another process took the role."""
        if self.place is Place.OWNER:
            self.record.flush()
        else:  # the job has ended
            self.record.discard()

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
