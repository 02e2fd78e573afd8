"""An active reporter, inside its ``with`` block."""

from __future__ import annotations

import atexit
import os
from types import TracebackType

from trainyard.files import Home
from trainyard.identity import is_alive
from trainyard.reporter.job_record import JobRecord
from trainyard.reporter.report_queue import Add
from trainyard.reporter.report_writer import ReportWriter
from trainyard.reporter.reported_names import ReportedNames
from trainyard.reporter.reporting_role import Place, ReportingRole
from trainyard.reporter.stop_delivery import StopDelivery
from trainyard.reporter.writer_lock import WriterLock
from trainyard.signals.hard_exit import HardExit
from trainyard.usage.peak_memory import note_peak
from trainyard.usage.process_usage import Usage
from trainyard.usage.system_metrics import SystemMetrics, seconds_between

_FLUSH_SECONDS = 1.0  # maximum wait for another thread that writes, when the process exits


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
        self.names = ReportedNames()
        self.stop = StopDelivery(self._wake, place, may_interrupt)
        self.record = JobRecord(home, job_id, attempt, lambda: self.stop.requested)
        self.role = ReportingRole(place, lock, self._continue_after_guest)
        self._home = home
        self._system: SystemMetrics | None = None
        self._ended = False
        self._writer = ReportWriter(self.record, self.role, self.stop, interval)
        self._hard_exit = HardExit(lambda _code: self.flush())
        atexit.register(self.flush)  # for a script that never leaves its block

    def __enter__(self) -> JobRecord:
        if self.stop.may_interrupt:  # an interrupt between two statements of the record could write a line twice
            self.stop.signal.enter_critical()
        self._writer.lock.acquire()
        self._writer.record_queue()
        return self.record

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.lock.release()
        if self.stop.may_interrupt:
            self.stop.signal.leave_critical()

    # The methods below need the lock: call them inside the `with` block.

    def touch(self) -> None:
        """Write the record now, or when the interval is over."""
        self._writer.touch()

    def write_now(self) -> None:
        """Write the record immediately."""
        self._writer.write_now()

    def open_queue(self, is_explicit: bool, epoch: int | None, every: int) -> Add | None:
        """Let the queue accept reports that are like the one that was just recorded.

        Args:
            is_explicit: whether the script itself reports: see ``ReportedNames``.
            epoch: its epoch, as given by the caller.
            every: report every step that is a multiple of this number.

        Returns:
            a function that adds a report without the lock; None if none is accepted.
        """
        return self._writer.open_queue(self.names.of(is_explicit), epoch, every)

    def measure_system(self) -> None:
        """Start to measure the processes of the job, unless ``TRAINYARD_SYSTEM_METRICS_SECONDS`` is 0."""
        seconds = seconds_between()
        if seconds > 0:
            supervisor = self.record.status["supervisor"]
            pid = supervisor["pid"] if is_alive(supervisor) else None
            self._system = SystemMetrics(seconds, pid, self._report_system)

    # The methods below take the lock themselves.

    def flush(self) -> None:
        """Write the record immediately, before the process ends without the end of the block."""
        if self.pid != os.getpid() or self._ended:
            return
        # An interrupt right after `acquire` would leave the lock taken, and the end of the block would wait forever.
        self.stop.signal.enter_critical()
        try:
            if self._writer.lock.acquire(timeout=_FLUSH_SECONDS):
                try:
                    self._writer.write_at_once()
                finally:
                    self._writer.lock.release()
        finally:
            self.stop.signal.leave_critical()

    def end(self, error: BaseException | None, asked_to_stop: bool) -> None:
        """Write the last status and release everything. Call it once.

        Args:
            error: the exception that ends the job, or None.
            asked_to_stop: whether it ended because ``step`` raised ``StopTraining``.
        """
        self.stop.signal.enter_critical()  # for good: an interrupt must not prevent the last status
        if self._system is not None:
            self._system.end()
        self._writer.end_thread()
        self.stop.end()
        with self:
            self._ended = True
            if self.role.place is Place.GUEST:
                if self.role.may_report():
                    self.record.leave()
                    self._writer.write_at_once()
            else:
                self._end_job(error, asked_to_stop)
            self._writer.end()
            self.role.close()
        # In this order: a late signal writes to the writer's pipe, so the pipe must still be open.
        self.stop.signal.restore()
        self._writer.close()
        self._hard_exit.remove()
        atexit.unregister(self.flush)

    def _end_job(self, error: BaseException | None, asked_to_stop: bool) -> None:
        if self.role.place is Place.OWNER:  # a guest that still lives must not write any more
            self.role.end_attempt()
        is_interrupted = isinstance(error, KeyboardInterrupt)
        # A script with a handler of its own may end early with code 0, which does not complete the training.
        stopped = self.stop.signal.arrived and (is_interrupted or not self.record.all_steps_done())
        self.record.close(error, stopped=asked_to_stop or stopped)
        if self.role.place is Place.SOLE:
            self.role.end_attempt()

    def _report_system(self, values: dict[str, float], usage: Usage) -> None:
        with self as record:
            if self._ended or not self.role.may_report():
                return
            status = record.status
            if status["supervisor"] is not None:  # it reads and removes the peak
                note_peak(self._home, status["job_id"], status["attempt"], usage.memory_bytes)
            record.append_system(values)

    def _continue_after_guest(self) -> None:
        self.names.note(True, self.record.reload())

    def _wake(self) -> None:
        """Make the thread write STOPPING, and the script call ``step`` in full. For the signal handler."""
        self._writer.wake()
