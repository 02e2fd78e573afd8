"""How an attempt ended, as its supervisor saw it. Implements "Exit" of ``src/runner/PROTOCOL.md``."""

from __future__ import annotations

import os
import signal
import sys
import time

from trainyard.complain import complain
from trainyard.files import Home, write_json_atomically

TYPE_CHECKING = False
if TYPE_CHECKING:
    from resource import struct_rusage

_TRIES = 20  # the only proof of how the job ended: worth some patience with a full disk
_SECONDS_BETWEEN_TRIES = 0.5


def write_exit(
    home: Home,
    job_id: str,
    attempt: int,
    *,
    started_at: float | None = None,
    ended: tuple[int, struct_rusage] | None = None,
    oom_killed: bool = False,
    spawn_error: str | None = None,
) -> int:
    """Write the exit file.

    Args:
        started_at: Unix seconds; now when left out.
        ended: wait status and resource usage, as ``os.wait4`` gives them; None when nothing was started.
        oom_killed: whether the kernel's out-of-memory counter grew; counts only for a trainer that SIGKILL ended.
        spawn_error: why nothing was started.

    Returns:
        The exit code for the supervisor: 0, or 1 when nothing was started or the file could not be written.
    """
    exit_code: int | None = None
    signal_name: str | None = None
    max_rss_bytes: int | None = None
    if ended is not None:
        exit_code, signal_name = _how(ended[0])
        # The kernels disagree about the unit.
        max_rss_bytes = ended[1].ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    now = time.time()
    record = {
        "version": 1,
        "job_id": job_id,
        "attempt": attempt,
        "exit_code": exit_code,
        "signal": signal_name,
        "started_at": now if started_at is None else started_at,
        "finished_at": now,
        "max_rss_bytes": max_rss_bytes,
        "oom_killed": oom_killed and signal_name == "SIGKILL",
        "spawn_error": spawn_error,
    }
    for left in reversed(range(_TRIES)):
        try:
            write_json_atomically(home, job_id, home.exit(job_id), record, sync=True)
            return 0 if spawn_error is None else 1
        except OSError as error:
            if not left:
                complain(f"cannot write the exit file of {job_id}: {error}.")
            else:
                time.sleep(_SECONDS_BETWEEN_TRIES)
    return 1


def _how(wait_status: int) -> tuple[int | None, str | None]:
    """Exit code and name of the signal, one of which is None."""
    code = os.waitstatus_to_exitcode(wait_status)
    if code >= 0:
        return code, None
    try:
        return None, signal.Signals(-code).name
    except ValueError:  # a real-time signal
        return None, f"SIG{-code}"
