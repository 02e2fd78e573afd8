"""The part of a reporter that callbacks use."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Protocol

from trainyard.reporter.rank import rank
from trainyard.reporter.reporter import Reporter


class Report(Protocol):
    """A ``Reporter``, or the part of it that a captured library reports to. See ``Reporter``."""

    @property
    def active(self) -> bool: ...

    @property
    def attempt(self) -> int: ...

    @property
    def should_stop(self) -> bool: ...

    def begin(self, total_steps: int | None = None, epochs: int | None = None) -> None: ...

    def log(
        self,
        metrics: Mapping[str, Any],
        *,
        step: int | None = None,
        epoch: int | None = None,
        samples: int | None = None,
    ) -> None: ...

    def checkpoint(self, path: str | os.PathLike[str]) -> None: ...


def default_report() -> Report:
    """Return the reporter for the job of this process. Outside a job, it does nothing."""
    return Reporter.from_environment()


def takes_part(report: Report) -> bool:
    """Whether this process trains for a job: it reports, or has a rank above 0 and stops and resumes with rank 0."""
    return report.active or (rank() > 0 and bool(os.environ.get("TRAINYARD_JOB_ID")))


def numbers(values: Mapping[str, Any] | None) -> dict[str, float]:
    """Return the values that are one number, such as a tensor with one element, as float, without the others."""
    found = {}
    for name, value in (values or {}).items():
        if not isinstance(value, (bool, str, bytes)):
            try:
                found[str(name)] = float(value)
            except Exception:  # libraries raise all kinds, such as ValueError for an array
                continue
    return found
