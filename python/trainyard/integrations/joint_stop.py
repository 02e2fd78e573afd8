"""Let all processes of a training stop after the same step."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from trainyard.integrations.checkpoints import output_dir
from trainyard.integrations.report import Report
from trainyard.reporter.rank import rank


class JointStop:
    """Decides when each process of a training ends after a stop request.

    The requests reach the processes at different times, but a process that ends alone leaves the others in a collective
    operation. Rank 0 therefore writes the number of its next step to a file, and all of them end after that step. The
    others cannot miss it: they average the gradients of that step with rank 0, which has written the file before.

    Args:
        report: the reporter of this process. Those of the ranks above 0 report nothing.
        processes: number of processes of the training.
    """

    def __init__(self, report: Report, processes: int) -> None:
        self._report = report
        folder = output_dir()
        self._file = None if folder is None or processes < 2 else stop_file(folder, report.attempt)
        self._is_requested = False
        if self._file is not None:
            _ = report.should_stop  # from now on, a signal does not interrupt this process
            # On NFS, a file that is new can be invisible on other nodes, but the content of one that exists is current.
            with suppress(OSError):
                self._file.touch(mode=0o600)

    @property
    def is_alone(self) -> bool:
        """Whether the training has one process, which can stop at any time."""
        return self._file is None

    def is_due(self, step: int) -> bool:
        """Whether to end now. Call it in all processes after each optimizer step.

        Args:
            step: number of completed optimizer steps, the same in all processes.
        """
        if self._file is None:
            return self._report.should_stop
        if not self._is_requested and self._report.should_stop and rank() == 0:
            self._is_requested = True
            with suppress(OSError):  # a full disk: the deadline of the stop ends the training
                self._file.write_text(f"{step + 1}\n")
        try:
            text = self._file.read_text()
        except FileNotFoundError:
            return False
        return text.endswith("\n") and step >= int(text)


def stop_file(folder: Path, attempt: int) -> Path:
    """Return the file with the last step of an attempt, empty before a stop request. It is hidden.

    Args:
        folder: the output folder of the job.
    """
    return folder / f".last-step-{attempt}"
