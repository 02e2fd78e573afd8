"""The reporter that a process shares with everything in it, and with the processes that it starts.

The launcher of a script enters a ``Reporter`` around the whole script and shares it. A ``Reporter.from_environment()``
of the script then reports through it instead of competing with it: see "Several processes" of
``src/runner/PROTOCOL.md``.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trainyard.reporter.reporter import Reporter

REPORTER_PID = "TRAINYARD_REPORTER_PID"
"""Environment variable with the pid of the process that shares its reporter."""

_stop_is_handled = False

_of_process: tuple[int, Reporter] | None = None
"""The reporter of the process with this pid. A forked child inherits it, but must not use it."""


def share(report: Reporter) -> None:
    """Make ``report`` the reporter of this process, and its process the owner of the job for all processes it starts.

    Call it once, inside or before the ``with`` block of ``report``. The end of the block ends the sharing.
    """
    report.allow_guests()
    set_reporter_of_process(report)
    os.environ[REPORTER_PID] = str(os.getpid())


def shared() -> Reporter | None:
    """Return the reporter that this process shares; None if there is none, also in a forked child."""
    return _of_process[1] if _of_process is not None and _of_process[0] == os.getpid() else None


def set_reporter_of_process(report: Reporter) -> None:
    """Make ``report`` the one that later calls of ``Reporter.from_environment()`` in this process use."""
    global _of_process
    _of_process = (os.getpid(), report)


def forget_reporter_of_process(report: Reporter) -> None:
    """End the effect of ``set_reporter_of_process`` and ``share``, if they were called with ``report``."""
    global _of_process
    if shared() is report:
        _of_process = None
        if os.environ.get(REPORTER_PID) == str(os.getpid()):
            del os.environ[REPORTER_PID]


def note_stop_handling() -> None:
    """Record that the script of this process handles stops through a reporter, also if that one does not report."""
    global _stop_is_handled
    _stop_is_handled = True


def stop_is_handled() -> bool:
    """Whether ``note_stop_handling`` was called."""
    return _stop_is_handled


def has_owner(environ: Mapping[str, str]) -> bool:
    """Whether another process owns the job and shares its reporter."""
    return environ.get(REPORTER_PID, "").isdecimal() and environ[REPORTER_PID] != str(os.getpid())
