"""The file with the evaluation of a job, and the score that follows from it."""

from __future__ import annotations

import math
import time
from typing import Any

from trainyard.files import Home, write_json_atomically
from trainyard.reporter.evaluation import score_record


def score_of(evaluation: dict[str, Any]) -> dict[str, Any] | None:
    """Return the score of a job with this evaluation; None if its value is not finite."""
    name, baseline = evaluation["score"], evaluation["baseline"]
    value = evaluation["metrics"][name]
    if not math.isfinite(value):
        return None
    return score_record(
        name,
        value,
        baseline=None if baseline is None else baseline["metrics"].get(name),
        goal=evaluation["goal"],
        part=evaluation["part"],
        epoch=evaluation["epoch"],
        rows=evaluation["rows"],
        unit=evaluation["units"].get(name),
    )


def write_evaluation(home: Home, job_id: str, attempt: int, evaluation: dict[str, Any]) -> None:
    """Replace the evaluation file of a job.

    Raises:
        OSError: the file cannot be written; the message names it.
    """
    record = {"job_id": job_id, "attempt": attempt, "at": time.time(), **evaluation}
    path = home.evaluation(job_id)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_json_atomically(home, job_id, path, record, sync=True)
