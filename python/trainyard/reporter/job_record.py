"""Status and metrics of an attempt in memory, and how they are written to disk."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from trainyard.failure import describe_failure
from trainyard.files import Home
from trainyard.reporter.evaluation_file import score_of, write_evaluation
from trainyard.reporter.extremes import update_extremes
from trainyard.reporter.metric_line import Names, Row, rows_by_names
from trainyard.reporter.metrics_history import MetricsHistory
from trainyard.reporter.plain_number import check_name, checked_count, plain_count, plain_number
from trainyard.reporter.progress import percent_done, seconds_left
from trainyard.reporter.rates import Rates
from trainyard.reporter.report_queue import Report
from trainyard.reporter.spare_descriptor import SpareDescriptor
from trainyard.reporter.status_limits import MAX_GOALS, StatusMetrics, omitted_metrics_warning
from trainyard.reporter.warn_once import WarnOnce
from trainyard.status import TERMINAL, StatusFile, enter, load_or_create
from trainyard.supervisor.oom import OomKills

_FINAL_TRIES = 5  # for the terminal status, which no later write can correct
_SECONDS_BETWEEN_TRIES = 0.5


class JobRecord:
    """Status and metrics of one attempt. Write errors are logged once on standard error and never raised.

    Not thread-safe: the reporter holds its lock around every call.

    Args:
        stop_requested: returns whether a stop was requested; called at every write.
    """

    def __init__(self, home: Home, job_id: str, attempt: int, stop_requested: Callable[[], bool]) -> None:
        self.status: dict[str, Any] = load_or_create(home, job_id, attempt)
        self._shown = StatusMetrics()
        self.status["metrics"], _ = self._shown.split(self.status["metrics"])
        self._home = home
        self._stop_requested = stop_requested
        self._oom_kills = OomKills.from_now()
        self._file = StatusFile(home, job_id)
        self._warn = WarnOnce()
        self._history = MetricsHistory(home.metrics(job_id), self._warn)
        self._rates = Rates()
        self._has_reported = False
        self._step = self.status["step"]  # as reported; the status has the highest one
        self._steps_went_back = False
        self._steps_before = 0  # of the passes that ended with a step that went back
        self._deferred: tuple[int, object] | None = None  # the latest step that is not recorded, and its loss
        self._spare = SpareDescriptor()

    def reload(self) -> list[str]:
        """Continue from the status that another process of this attempt has written.

        Returns:
            the names of the metrics that the other process has changed.
        """
        before = self.status["metrics"]
        self.status = load_or_create(self._home, self.status["job_id"], self.status["attempt"])
        self._shown = StatusMetrics()
        self.status["metrics"], _ = self._shown.split(self.status["metrics"])
        self._rates = Rates()
        self._step = self.status["step"]
        self._deferred = None
        self._history.close()  # the next line ends one that the other process has left incomplete
        return [name for name, value in self.status["metrics"].items() if before.get(name) != value]

    def resume(self, step: int, epoch: int | None, values: dict[str, Any]) -> None:
        """Set the number of steps and the latest metrics of earlier attempts."""
        self.status["step"] = self._step = plain_count("step", step) or 0
        if epoch is not None:
            self.status["epoch"] = plain_count("epoch", epoch)
        given = self.without_none(values).items()
        self._update_status({name: plain_number(name, value) for name, value in given})

    def define(self, name: str, goal: str) -> None:
        """Record whether high ("max") or low ("min") values of a metric are better.

        Raises:
            ValueError: the name is too long, or there are too many of them.
        """
        check_name(name)
        goals = {**self.status["goals"], name: goal}
        if len(goals) > MAX_GOALS:
            raise ValueError(f"define_metric() accepts at most {MAX_GOALS} names: use a prefix, such as 'eval/*'.")
        self.status["goals"] = goals

    def set_score(self, score: dict[str, Any]) -> None:
        """Set the score of the job."""
        self.status["score"] = score

    def evaluate(self, evaluation: dict[str, Any]) -> None:
        """Replace the evaluation file, and set the score."""
        score = score_of(evaluation)
        if score is not None:
            self.set_score(score)
        try:
            write_evaluation(self._home, self.status["job_id"], self.status["attempt"], evaluation)
        except OSError as error:
            path = self._home.evaluation(self.status["job_id"])
            self._warn("evaluation", f"cannot write {path} ({error}); the score is still shown")

    def without_none(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return ``values`` without those that are None, and warn of each name once."""
        return self._warn.without_none(values)

    def begin(self, total_steps: int | None, epochs: int | None, simulation: bool) -> None:
        """Set the totals and enter RUNNING, unless a stop was requested."""
        self.status["total_steps"] = plain_count("total_steps", total_steps)
        self.status["epochs"] = plain_count("epochs", epochs)
        self.status["simulation"] = simulation
        if self.status["status"] != "STOPPING":
            enter(self.status, "RUNNING")

    def advance(self, step: int, epoch: int | None, samples: int | None) -> None:
        """Record a completed step. Enters RUNNING if ``begin`` was not called."""
        status = self.status
        if status["status"] not in ("RUNNING", "STOPPING"):
            self.begin(None, None, status["simulation"])
        step = checked_count("step", int(step))
        if step < self._step:
            self._note_step_back(step)
        self._step = step
        status["step"] = max(step, status["step"])
        if epoch is not None:
            status["epoch"] = plain_count("epoch", epoch)
        self._rates.add(self._steps_before + step, samples)

    @property
    def step(self) -> int:
        """The current step, as reported last."""
        return int(self._step)

    def is_due(self, every: int) -> bool:
        """Whether the step must be reported: the first, the last, or a multiple of ``every``."""
        step = self._step
        return not self._has_reported or step == self.status["total_steps"] or step % every == 0

    def report(self, values: dict[str, Any]) -> None:
        """Add the step to the metrics file, and update the metrics in the status. ``write`` must follow soon."""
        known = self.status["metrics"]
        numbers = {
            name: value if type(value) is float and name in known else plain_number(name, value)
            for name, value in values.items()
        }
        self._record([tuple(numbers)], [(time.time(), self._step, *numbers.values())])

    def apply(self, reports: Sequence[Report]) -> None:
        """Record the reports of a queue, in their order. ``write`` must follow soon."""
        if not reports:
            return
        self._step = reports[-1][1]
        self.status["step"] = max(self._step, self.status["step"])
        samples = sum([count for _, _, count, _, _ in reports if count])
        self._rates.add(self._steps_before + self._step, samples, reports[-1][0])
        since = time.time() - time.monotonic()
        names: list[Names] = []
        rows: list[Row] = []
        for at, step, _, loss, others in reports:
            if others is not None and loss is not None:
                names.append(("loss", *others))
                rows.append((since + at, step, loss, *others.values()))
            elif others is not None:
                names.append(tuple(others))
                rows.append((since + at, step, *others.values()))
        self._record(names, rows)

    def append_system(self, values: dict[str, float]) -> None:
        """Append system metrics at the current step to the metrics file, and to nothing else.

        The status must not change: it would hide that a training stalls, and ``Job.best`` would contain them. Nothing
        is appended before the first report of the attempt, because readers drop what earlier attempts reported at the
        same or later steps, and the step to continue from is not known before.
        """
        if self.status["first_step"] is not None:
            self._add([tuple(values)], [(time.time(), self._step, *values.values())])
            self._history.flush()

    def defer(self, step: int, loss: object) -> None:
        """Store the loss of a step that is not recorded, without reading it, in case the step is the last one.

        Atomic: can be called without a lock.
        """
        self._deferred = (step, loss)

    def all_steps_done(self) -> bool:
        """Whether the total number of steps is known and done. False if the steps went back, which counts no total."""
        total = self.status["total_steps"]
        return total is not None and self.status["step"] >= total and not self._steps_went_back

    def flush(self) -> None:
        """Write the lines of all reports to the metrics file."""
        self._history.flush()

    def discard(self) -> None:
        """Drop the lines that are not written yet."""
        self._history.discard()

    def write(self) -> bool:
        """Write the lines of all reports, then the status file. Returns False if the status cannot be written."""
        self._history.flush()
        status = self.status
        if self._stop_requested() and status["status"] not in TERMINAL:
            enter(status, "STOPPING")
        status["progress"] = percent_done(status)
        status["samples_per_second"] = self._rates.samples_per_second()
        status["eta_seconds"] = seconds_left(status, self._rates.steps_per_second())
        try:
            self._file.publish(status)
        except OSError as error:
            path = self._home.status(status["job_id"])
            self._warn("status", f"cannot write {path} ({error}); training continues")
            return False
        return True

    def leave(self) -> None:
        """Report the last step and close the metrics file; the job continues in another process."""
        self._end_reports()

    def close(self, error: BaseException | None, stopped: bool) -> None:
        """Write the terminal status and close the files.

        Args:
            error: the exception that ended the job; None if there was none. A ``SystemExit`` with a nonzero code does
                not change the status: the supervisor records the exit code.
            stopped: whether the job ended because of a stop request.
        """
        self._end_reports()
        ends_by_exit = error is None or isinstance(error, SystemExit)
        ends_by_stop = stopped and (ends_by_exit or isinstance(error, KeyboardInterrupt))
        if isinstance(error, SystemExit) and error.code not in (None, 0) and not ends_by_stop:
            self.write()
        else:
            if ends_by_exit or ends_by_stop:
                enter(self.status, "STOPPED" if ends_by_stop else "COMPLETED")
            else:
                assert error is not None
                self.status["error"] = describe_failure(error, self._oom_kills)
                enter(self.status, "ERROR")
            self._write_with_retries()

    def _end_reports(self) -> None:
        """Report the last step, close the metrics file, and leave a descriptor for the last status."""
        self._report_last()
        self._history.close()
        self._spare.free()

    def _record(self, names: Sequence[Names], rows: Sequence[Row]) -> None:
        """Record reports of the current epoch: a row, and its names, for each."""
        if not rows:
            return
        self._has_reported = True
        if self._deferred is not None and self._deferred[0] <= rows[-1][1]:
            self._deferred = None
        status = self.status
        if status["first_step"] is None:
            status["first_step"] = rows[0][1]
        for of_group, group in rows_by_names(names, rows):
            self._update_status(dict(zip(of_group, group[-1][2:], strict=True)))
            update_extremes(status["extremes"], status["metrics"].keys(), of_group, group)
        self._add(names, rows)

    def _add(self, names: Sequence[Names], rows: Sequence[Row]) -> None:
        self._history.add(self.status["attempt"], self.status["epoch"] or None, names, rows)

    def _update_status(self, numbers: dict[str, float]) -> None:
        """Add the values that fit to the status."""
        shown, omitted = self._shown.split(numbers)
        if omitted:
            self._warn("names", omitted_metrics_warning(omitted))
        self.status["metrics"].update(shown)
        self.status["loss"] = self.status["metrics"].get("loss")

    def _note_step_back(self, step: int) -> None:
        self._steps_went_back = True
        self._steps_before += self._step - step + 1
        self._warn(
            "steps",
            f"the step went back from {self._step} to {step}. All values are kept, and are shown over time instead "
            "of steps; progress and the estimated end count the highest step. Count the steps from the start of "
            "the job, not of the epoch, to see them over steps",
        )

    def _report_last(self) -> None:
        """Report the last step if it was not reported."""
        if self._deferred is None or self._deferred[0] != self._step:
            return
        _, loss = self._deferred
        try:
            self.report({} if loss is None else {"loss": loss})
        except Exception as error:  # for example a failed GPU; must not hide the original error
            self._warn("last", f"cannot read the last loss ({error})")

    def _write_with_retries(self) -> None:
        for tries_left in reversed(range(_FINAL_TRIES)):
            if self.write():
                return
            if tries_left:
                time.sleep(_SECONDS_BETWEEN_TRIES)
