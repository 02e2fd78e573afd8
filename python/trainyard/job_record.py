"""What a job has reported so far, and how it reaches the disk."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from trainyard.append_file import AppendFile
from trainyard.failure import describe_failure
from trainyard.files import Home, encode_json
from trainyard.plain_number import checked_count, plain_count, plain_number
from trainyard.progress import percent_done, seconds_left
from trainyard.rates import Rates
from trainyard.status import TERMINAL, enter, publish, take_over
from trainyard.status_limits import MAX_VALUES_PER_LINE, StatusMetrics, left_out_sentence

_LAST_TRIES = 5  # for the terminal status, which has no later one to repair it
_SECONDS_BETWEEN_TRIES = 0.5


class JobRecord:
    """Status and metrics of one attempt. A full disk is said once on standard error, and never raised.

    Knows no threads: the reporter holds its lock around every call.

    Args:
        stop_requested: whether somebody asked the job to stop; looked at with every write.
    """

    def __init__(self, home: Home, job_id: str, attempt: int, stop_requested: Callable[[], bool]) -> None:
        self.status: dict[str, Any] = take_over(home, job_id, attempt)
        self._shown = StatusMetrics()
        self.status["metrics"], _ = self._shown.split(self.status["metrics"])
        self._home = home
        self._stop_requested = stop_requested
        self._metrics = AppendFile(home.metrics(job_id))
        self._rates = Rates()
        self._has_reported = False
        self._passed_over: object = None  # loss of the newest step that was no report
        self._is_reported = True  # whether the newest step is in the metrics file
        self._warned: set[str] = set()

    def planned_epochs(self) -> int | None:
        """How many epochs the runner wants, as far as the status that was taken over says; ``begin`` replaces it."""
        epochs = self.status["epochs"]
        return epochs if type(epochs) is int and epochs >= 1 else None

    def resume(self, step: int, epoch: int | None, values: dict[str, Any]) -> None:
        """So many steps are done by earlier attempts, and these were their last numbers."""
        self.status["step"] = plain_count("step", step)
        if epoch is not None:
            self.status["epoch"] = plain_count("epoch", epoch)
        self._show(values)

    def begin(self, total_steps: int | None, epochs: int | None, simulation: bool) -> None:
        """RUNNING, unless a stop was asked for before."""
        self.status["total_steps"] = plain_count("total_steps", total_steps)
        self.status["epochs"] = plain_count("epochs", epochs)
        self.status["simulation"] = simulation
        if self.status["status"] != "STOPPING":
            enter(self.status, "RUNNING")

    def advance(self, step: int, epoch: int | None, samples: int | None) -> None:
        """Another step is done; the first one begins the job when nobody did."""
        status = self.status
        if status["status"] not in ("RUNNING", "STOPPING"):
            self.begin(None, None, status["simulation"])
        step = checked_count("step", int(step))
        if step < status["step"]:  # readers ignore a step that goes back, so it must not reach them
            went = f"step went back from {status['step']} to {step}"
            self._warn("steps", f"{went}: count the steps of the whole job, not of an epoch")
        status["step"] = max(step, status["step"])
        if epoch is not None:
            status["epoch"] = plain_count("epoch", epoch)
        self._rates.add(status["step"], samples)

    def is_due(self, every: int) -> bool:
        """Whether the step is to be reported whatever it carries: the first, the last, a multiple of ``every``."""
        step = self.status["step"]
        return not self._has_reported or step == self.status["total_steps"] or step % every == 0

    def report(self, values: dict[str, Any]) -> None:
        """Put the step into the metrics file, and its numbers into the status."""
        numbers = self._show(values)
        self._has_reported = self._is_reported = True
        status = self.status
        at = time.time()
        self._widen(numbers, at)
        for part in _lines_of(numbers):
            line = {
                "attempt": status["attempt"],
                "at": at,
                "step": status["step"],
                "epoch": status["epoch"] or None,
                "values": part,
            }
            error = self._metrics.append(encode_json(line) + b"\n")
            if error is not None:
                self._warn("metrics", f"cannot write {self._metrics.path} ({error}); the training goes on")

    def pass_over(self, loss: object) -> None:
        """Keep the loss of a step that is no report, unread, in case it turns out to be the last."""
        self._passed_over = loss
        self._is_reported = False

    def all_steps_done(self) -> bool:
        """Whether the job has nothing left to do, as far as its total is known."""
        total = self.status["total_steps"]
        return total is not None and self.status["step"] >= total

    def write(self) -> bool:
        """Publish the present state; False when the disk does not take it."""
        status = self.status
        if self._stop_requested() and status["status"] not in TERMINAL:
            enter(status, "STOPPING")
        status["progress"] = percent_done(status)
        status["samples_per_second"] = self._rates.samples_per_second()
        status["eta_seconds"] = seconds_left(status, self._rates.steps_per_second())
        try:
            publish(self._home, status)
        except OSError as error:
            path = self._home.status(status["job_id"])
            self._warn("status", f"cannot write {path} ({error}); the training goes on")
            return False
        return True

    def close(self, error: BaseException | None, stopped: bool) -> None:
        """Claim how the job ended, on disk, and close its files.

        Args:
            error: what ended it, None for a good end. After a ``SystemExit`` with a code nothing is claimed: the
                exit code, which the supervisor sees, says more.
            stopped: whether a good end is one before its time.
        """
        self._report_last()
        if isinstance(error, SystemExit) and error.code not in (None, 0):
            self.write()
        else:
            if error is None or isinstance(error, SystemExit):
                enter(self.status, "STOPPED" if stopped else "COMPLETED")
            else:
                self.status["error"] = describe_failure(error)
                enter(self.status, "ERROR")
            self._write_for_certain()
        self._metrics.close()

    def _show(self, values: dict[str, Any]) -> dict[str, float]:
        """Put numbers into the status, as many as fit, and give all of them as plain ones."""
        numbers = {name: plain_number(name, value) for name, value in values.items()}
        shown, left_out = self._shown.split(numbers)
        if left_out:
            self._warn("names", left_out_sentence(left_out))
        self.status["metrics"] = {**self.status["metrics"], **shown}
        self.status["loss"] = self.status["metrics"].get("loss")
        return numbers

    def _widen(self, numbers: dict[str, float], at: float) -> None:
        """Keep the lowest and the highest value of each metric; which of them is the best is for the readers to say."""
        status = self.status
        if status["first_step"] is None:
            status["first_step"] = status["step"]
        extremes: dict[str, dict[str, Any]] = status["extremes"]
        for name, value in numbers.items():
            if name not in status["metrics"] or not math.isfinite(value):
                continue
            point = {"value": value, "step": status["step"], "at": at}
            known = extremes.get(name)
            if known is None:
                extremes[name] = {"min": point, "max": point}
            elif value < known["min"]["value"]:
                known["min"] = point
            elif value > known["max"]["value"]:
                known["max"] = point

    def _report_last(self) -> None:
        """The last step of a job is reported, whichever it was."""
        if self._is_reported:
            return
        try:
            self.report({} if self._passed_over is None else {"loss": self._passed_over})
        except Exception as error:  # a broken GPU cannot be read; that must not hide why it broke
            self._warn("last", f"the last loss cannot be read ({error})")

    def _write_for_certain(self) -> None:
        for left in reversed(range(_LAST_TRIES)):
            if self.write():
                return
            if left:
                time.sleep(_SECONDS_BETWEEN_TRIES)

    def _warn(self, about: str, text: str) -> None:
        """Once for each thing; a broken standard error must not end a training either."""
        if about not in self._warned:
            self._warned.add(about)
            with suppress(OSError):
                print(f"trainyard: {text}.", file=sys.stderr)


def _lines_of(numbers: dict[str, float]) -> list[dict[str, float]]:
    """The values of a report by line: one line, but for a report of very many metrics."""
    if len(numbers) <= MAX_VALUES_PER_LINE:
        return [numbers]
    items = list(numbers.items())
    starts = range(0, len(items), MAX_VALUES_PER_LINE)
    return [dict(items[start : start + MAX_VALUES_PER_LINE]) for start in starts]
