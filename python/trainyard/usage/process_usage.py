"""CPU time and memory of the processes of a job, from ``/proc``. Linux only."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from typing import NamedTuple

_MAX_PROCESSES = 4_096  # of a job that are measured
_MAX_SHARE = 0.001  # of one core, for the measurement of shared memory
_MAX_FILE_BYTES = 1 << 16


class Usage(NamedTuple):
    """Total resource use of the processes of a job."""

    pids: frozenset[int]
    cpu_seconds: float
    """CPU time so far, including that of ended children."""
    memory_bytes: int
    """See `MemoryMeter`."""


class MemoryMeter:
    """Measures the memory of processes: the sum of their proportional set sizes (PSS).

    Memory that n processes share, such as the dataset of forked data loaders, counts 1/n for each. The kernel needs
    some 20 ms of CPU time per GiB for it. So it is measured as often as this takes at most 0.1 % of a core. In between,
    the resident set size (RSS), which counts shared memory once for each process, is scaled by the last PSS / RSS.
    Where the kernel does not provide the PSS of a process, its RSS counts.
    """

    def __init__(self) -> None:
        self._pss_per_rss = 1.0
        self._due = 0.0

    def measure(self, pids: Iterable[int]) -> int:
        """Return the memory in bytes. Processes that have ended count as nothing."""
        resident = {pid: _resident_bytes(pid) for pid in pids}
        total = sum(resident.values())
        if total > 0 and time.monotonic() >= self._due:
            started = time.thread_time()
            self._pss_per_rss = sum(_proportional_bytes(pid) or own for pid, own in resident.items()) / total
            self._due = time.monotonic() + (time.thread_time() - started) / _MAX_SHARE
        return round(total * self._pss_per_rss)


def usage_of_job(supervisor: int | None, memory: MemoryMeter) -> Usage | None:
    """Measure the processes of the job of this process. Returns None without ``/proc``.

    Args:
        supervisor: all of its descendants belong to the job, but not itself. None: this process and its descendants.
        memory: measures the memory; the same one for each call.
    """
    own = os.getpid()
    pids = {own} | descendants_of(own if supervisor is None else supervisor)
    ticks = [_cpu_ticks(pid) for pid in pids]
    if not any(sum(times) for times in ticks):
        return None
    # The time of an orphan that has ended is added to the supervisor, which adopted it.
    adopted = 0 if supervisor is None else _cpu_ticks(supervisor)[1]
    return Usage(
        frozenset(pids),
        (sum(own + children for own, children in ticks) + adopted) / os.sysconf("SC_CLK_TCK"),
        memory.measure(pids),
    )


def descendants_of(pid: int) -> set[int]:
    """Return the pids of the children of a process, their children and so on.

    A kernel without ``CONFIG_PROC_CHILDREN`` does not list them: the result is then empty.
    """
    found: set[int] = set()
    waiting = [pid]
    while waiting and len(found) < _MAX_PROCESSES:
        children = set(_children_of(waiting.pop())) - found
        found |= children
        waiting += children
    return found


def _children_of(pid: int) -> list[int]:
    try:
        threads = os.listdir(f"/proc/{pid}/task")
    except OSError:  # the process ended in the meantime
        return []
    return [int(child) for thread in threads for child in _read(f"/proc/{pid}/task/{thread}/children").split()]


def _cpu_ticks(pid: int) -> tuple[int, int]:
    """Return the CPU time of a process, and that of its ended children; zeros if it has ended."""
    line = _read(f"/proc/{pid}/stat")
    # The second field is the program name in parentheses, which can itself contain spaces and parentheses.
    fields = line[line.rindex(b")") + 2 :].split() if line else []
    if len(fields) < 15:
        return 0, 0
    return int(fields[11]) + int(fields[12]), int(fields[13]) + int(fields[14])  # fields 14 to 17 of the whole line


def _resident_bytes(pid: int) -> int:
    pages = _read(f"/proc/{pid}/statm").split()
    return int(pages[1]) * os.sysconf("SC_PAGE_SIZE") if len(pages) > 1 else 0


def _proportional_bytes(pid: int) -> int:
    for line in _read(f"/proc/{pid}/smaps_rollup").splitlines():
        if line.startswith(b"Pss:"):
            return int(line.split()[1]) * 1024
    return 0


def _read(path: str) -> bytes:
    """Return the content of a file; nothing if the process has ended, or its memory is not readable."""
    try:
        with open(path, "rb", buffering=0) as file:
            return file.read(_MAX_FILE_BYTES) or b""
    except OSError:
        return b""
