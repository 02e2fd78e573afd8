"""How an attempt ended, as its supervisor saw it. Implements "Exit" of ``src/runner/PROTOCOL.md``."""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import suppress

from trainyard.complain import complain
from trainyard.files import Home, encode_json, write_json_atomically

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path
    from resource import struct_rusage

_TRIES = 20  # the only proof of how the job ended: worth some patience with a full disk
_SECONDS_BETWEEN_TRIES = 0.5
_RESERVED_BYTES = 4096  # an exit record has some 300, and file systems give out no less than this


def reserve_exit(home: Home, job_id: str) -> None:
    """Take the room for the exit file while there is some: it is overwritten and renamed at the end, full disk or not.

    A disk that is full already is no reason not to start.
    """
    reserved = reserved_exit(home, job_id)
    with suppress(OSError):
        os.makedirs(home.exit(job_id).parent, exist_ok=True)
        with suppress(FileNotFoundError):
            os.unlink(reserved)  # of a supervisor that was killed
        fd = os.open(reserved, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        # Not synced: the system has set the room aside, and every job would wait for the disk before it starts.
        _fill(fd, b" " * _RESERVED_BYTES, sync=False)


def reserved_exit(home: Home, job_id: str) -> Path:
    """Where the room for the exit file of a running attempt is."""
    return home.staging / f"{job_id}.exit"


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
            _put(home, job_id, record)
            return 0 if spawn_error is None else 1
        except OSError as error:
            if not left:
                complain(f"cannot write the exit file of {job_id}: {error}.")
            else:
                time.sleep(_SECONDS_BETWEEN_TRIES)
    return 1


def _put(home: Home, job_id: str, record: dict[str, object]) -> None:
    reserved = reserved_exit(home, job_id)
    try:
        fd = os.open(reserved, os.O_WRONLY | os.O_CLOEXEC)
        # JSON may end with spaces. To cut them off could cost room, on a disk that has none.
        _fill(fd, encode_json(record).ljust(_RESERVED_BYTES), sync=True)
        os.rename(reserved, home.exit(job_id))
    except OSError:  # nothing was reserved, or the file system writes anew what is overwritten
        write_json_atomically(home, job_id, home.exit(job_id), record, sync=True)
        with suppress(OSError):
            os.unlink(reserved)


def _fill(fd: int, data: bytes, sync: bool) -> None:
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(fd, rest) :]
        if sync:
            os.fsync(fd)
    finally:
        os.close(fd)


def _how(wait_status: int) -> tuple[int | None, str | None]:
    """Exit code and name of the signal, one of which is None."""
    code = os.waitstatus_to_exitcode(wait_status)
    if code >= 0:
        return code, None
    try:
        return None, signal.Signals(-code).name
    except ValueError:  # a real-time signal
        return None, f"SIG{-code}"
