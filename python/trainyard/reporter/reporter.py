"""The reporter: reports the progress of a training script and handles stop requests.

Implements the trainer side of ``src/runner/PROTOCOL.md``. Standard library only, so that any script can use it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TypeVar

from trainyard.checkpoint_name import checkpoint_name
from trainyard.reporter.status_limits import short_text
from trainyard.reporter.steps import Steps
from trainyard.reporter.stop_requests import StopTraining
from trainyard.reporter.track import Passes, Tracked

__all__ = ["Reporter", "StopTraining"]

_Batch = TypeVar("_Batch")


class Reporter(Steps):
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
        reads_checkpoint: the next attempt can continue from a file in the output folder that is not reported with
            ``checkpoint()``. Default: False.

    Raises:
        ValueError: ``every`` is less than 1.
    """

    _passes: Passes | None = None  # of track()

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
        """Report a checkpoint. Call it when the file or folder is complete.

        Args:
            path: the file or folder, in the home folder. Relative paths are relative to the home folder.

        Raises:
            FileNotFoundError: there is no such file or folder.
            ValueError: it is outside the home folder, or its path is longer than 1,024 characters.
        """
        active = self._active()
        if self._home is None or active is None:
            return
        name = checkpoint_name(self._home, path)
        with active as record:
            if active.role.may_report():
                record.status["checkpoint"] = name
                active.touch()
