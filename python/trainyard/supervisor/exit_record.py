"""Write the exit file of an attempt. Implements "Exit" of ``src/runner/PROTOCOL.md``."""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import suppress

from trainyard.files import Home, encode_json, write_json_atomically
from trainyard.supervisor.supervisor_log import log_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path
    from resource import struct_rusage

_TRIES = 20  # the exit file is the only proof of how the job ended: retry for 10 s if the disk is full
_SECONDS_BETWEEN_TRIES = 0.5
_RESERVED_BYTES = 4096  # an exit record has about 300 bytes; file systems allocate at least this much


def reserve_exit(home: Home, job_id: str) -> None:
    """Allocate disk space for the exit file, so that it can be written at the end even if the disk is full.

    Errors are ignored: the job starts even if the disk is already full.
    """
    reserved = reserved_exit(home, job_id)
    with suppress(OSError):
        os.makedirs(home.exit(job_id).parent, exist_ok=True)
        with suppress(FileNotFoundError):
            os.unlink(reserved)  # left by a killed supervisor
        fd = os.open(reserved, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        # No fsync: the space is already allocated, and fsync would delay the start of every job.
        _fill(fd, b" " * _RESERVED_BYTES, sync=False)


def reserved_exit(home: Home, job_id: str) -> Path:
    """Return the path of the file that reserves space for the exit file."""
    return home.staging / f"{job_id}.exit"


def write_exit(
    home: Home,
    job_id: str,
    attempt: int,
    *,
    started_at: float | None = None,
    ended: tuple[int, struct_rusage] | None = None,
    peak_memory_bytes: int = 0,
    oom_killed: bool = False,
    spawn_error: str | None = None,
) -> int:
    """Write the exit file.

    Args:
        started_at: start time in Unix seconds; default: now.
        ended: wait status and resource usage from ``os.wait4``; None if no trainer was started.
        peak_memory_bytes: highest measured sum over all processes; counts if it is above the peak of the largest one.
        oom_killed: whether the kernel's OOM kill counter increased; only relevant for a trainer killed by SIGKILL.
        spawn_error: reason why no trainer was started.

    Returns:
        The exit code of the supervisor: 0, or 1 if no trainer was started or the file could not be written.
    """
    exit_code: int | None = None
    signal_name: str | None = None
    max_rss_bytes: int | None = None
    if ended is not None:
        exit_code, signal_name = _exit_code_or_signal(ended[0])
        # Bytes on macOS, KiB on Linux.
        max_rss_bytes = max(ended[1].ru_maxrss * (1 if sys.platform == "darwin" else 1024), peak_memory_bytes)
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
    for tries_left in reversed(range(_TRIES)):
        try:
            _write_record(home, job_id, record)
            return 0 if spawn_error is None else 1
        except OSError as error:
            if not tries_left:
                log_error(f"cannot write the exit file of {job_id}: {error}.")
            else:
                time.sleep(_SECONDS_BETWEEN_TRIES)
    return 1


def _write_record(home: Home, job_id: str, record: dict[str, object]) -> None:
    reserved = reserved_exit(home, job_id)
    try:
        fd = os.open(reserved, os.O_WRONLY | os.O_CLOEXEC)
        # JSON may end with spaces. Truncating the file could require disk space.
        _fill(fd, encode_json(record).ljust(_RESERVED_BYTES), sync=True)
        os.rename(reserved, home.exit(job_id))
    except OSError:  # nothing was reserved, or a copy-on-write file system needs new space to overwrite
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


def _exit_code_or_signal(wait_status: int) -> tuple[int | None, str | None]:
    """Return (exit code, signal name); one of them is None."""
    code = os.waitstatus_to_exitcode(wait_status)
    if code >= 0:
        return code, None
    try:
        return None, signal.Signals(-code).name
    except ValueError:  # a real-time signal
        return None, f"SIG{-code}"
