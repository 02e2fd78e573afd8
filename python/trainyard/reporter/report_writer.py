"""Writes the records of a reporter: the lines of all reports, and the status, mostly from a thread."""

from __future__ import annotations

import time

from trainyard.reporter.job_record import JobRecord
from trainyard.reporter.report_queue import Add, ReportQueue
from trainyard.reporter.reporting_role import Place, ReportingRole
from trainyard.reporter.stop_delivery import StopDelivery
from trainyard.reporter.throttle import Throttle
from trainyard.reporter.write_pace import WritePace

MAX_DELAY = 0.1
"""Seconds after which a report is in the metrics file, unless the machine is too busy for the thread."""

_SECONDS_FOR_THREAD = 1.0  # to write due reports while the training continues: a slow disk must not stop it


class ReportWriter:
    """Decides what is written when. The thread takes the reports of the queue about every 0.1 s.

    Hold ``lock`` to use the record and to call any method.

    Args:
        interval: minimum time between two writes of the status file, in seconds.
    """

    def __init__(self, record: JobRecord, role: ReportingRole, stop: StopDelivery, interval: float) -> None:
        self._record = record
        self._role = role
        self._stop = stop
        self._must_write = False  # whatever the pace
        self._ended = False
        self._pace = WritePace(interval)
        self._queue = ReportQueue(record.defer, self._write_late)
        self._throttle = Throttle(self._write, min(interval, MAX_DELAY), self._has_more)
        self.lock = self._throttle.lock

    def record_queue(self) -> None:
        """Record the reports in the queue."""
        self._record.apply(self._queue.take())

    def open_queue(self, names: set[str], epoch: int | None, every: int) -> Add | None:
        """Let the queue accept reports that are like the one that was just recorded; the thread records them.

        Args:
            names: see ``ReportQueue.open``, also for ``epoch`` and ``every``.

        Returns:
            a function that adds a report, from any thread and without ``lock``; None if the queue stays closed.
        """
        if not self._throttle.is_active or not self._role.is_unchanged():
            self._queue.close()
            return None
        self._queue.total_steps = self._record.status["total_steps"]
        add = self._queue.open(self._until(), names, self._record.step, epoch, every)
        if self._stop.requested:  # also if the signal arrives between these lines
            self._queue.close()
        return add

    def touch(self) -> None:
        """Write the record now, or when the interval is over."""
        self._throttle.touch()

    def write_now(self) -> None:
        """Write the record immediately."""
        self._must_write = True
        self._throttle.write_now()

    def wake(self) -> None:
        """Make the script report in full, and the thread write soon. Takes no lock: for a signal handler."""
        self._queue.close()
        self._throttle.wake()

    def end_thread(self) -> None:
        """Accept and write no more reports without the lock. Call it without ``lock``."""
        self._throttle.end_thread()
        self._queue.close()

    def end(self) -> None:
        """Write nothing any more. The caller has written the last state."""
        self._ended = True

    def close(self) -> None:
        """Close the pipe to the thread, when ``wake`` can no longer be called."""
        self._throttle.close()

    def write_at_once(self) -> bool:
        """Write the lines of all reports, and the status, without the thread. Returns whether all is written."""
        self._must_write = True
        return self._write()

    def _write_late(self) -> None:
        with self.lock:
            if not self._ended:
                self.record_queue()
                self.touch()

    def _has_more(self) -> bool:
        if self._queue:
            return True
        # In this order: a report that is added after the check finds the queue closed, and its own thread writes it.
        self._queue.close()
        return bool(self._queue)

    def _write(self) -> bool:
        """Write the lines of all reports, and the status unless it was written a moment ago."""
        self.record_queue()
        is_due = self._status_is_due()
        if is_due or self._role.place is Place.GUEST:
            with self._role.writing() as mine:
                done = self._write_own(is_due) if mine else self._give_way()
            done = self._stop.pass_on(self._role.guest()) and done
        else:  # lines need no lock: the role allowed their reports
            self._record.flush()
            done = False
        self._keep_queue_open()
        return done

    def _status_is_due(self) -> bool:
        is_news = self._stop.requested and self._record.status["status"] != "STOPPING"
        return self._must_write or is_news or self._pace.is_due(time.monotonic())

    def _write_own(self, is_due: bool) -> bool:
        if not is_due:
            self._record.flush()
            return False
        self._must_write = False
        started = time.monotonic()
        done = self._record.write()
        self._pace.written(started, time.monotonic())
        return done

    def _give_way(self) -> bool:
        """Write or drop the lines of reports from before another process took the role."""
        if self._role.place is Place.OWNER:
            self._record.flush()
        else:  # the job has ended
            self._record.discard()
        return True

    def _keep_queue_open(self) -> None:
        if self._role.is_unchanged():
            self._queue.keep_open(self._until())
        else:
            self._queue.close()
        if self._stop.requested:  # after the lines above: the signal handler may have closed it before them
            self._queue.close()

    def _until(self) -> float:
        return time.monotonic() + _SECONDS_FOR_THREAD
