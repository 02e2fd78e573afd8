"""The peak memory that system metrics have measured, in a file for the supervisor, which adds it to the exit file."""

from __future__ import annotations

import os
from contextlib import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trainyard.files import Home

_BYTES = 64  # always the same size, so that the file is overwritten in place


def note_peak(home: Home, job_id: str, attempt: int, memory_bytes: int) -> None:
    """Record the memory of all processes of the attempt if it is the highest so far. Errors are ignored."""
    if memory_bytes <= read_peak(home, job_id, attempt):
        return
    with suppress(OSError):
        fd = os.open(home.peak_memory(job_id), os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.pwrite(fd, b"%d %d" % (attempt, memory_bytes) + b" " * _BYTES, 0)
        finally:
            os.close(fd)


def read_peak(home: Home, job_id: str, attempt: int) -> int:
    """Return the recorded peak of the attempt in bytes; 0 if there is none."""
    try:
        with open(home.peak_memory(job_id), "rb") as file:
            fields = file.read(_BYTES).split()
    except OSError:
        return 0
    if len(fields) != 2 or not all(field.isdigit() for field in fields) or int(fields[0]) != attempt:
        return 0
    return min(int(fields[1]), 2**53 - 1)
