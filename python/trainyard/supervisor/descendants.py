"""Find, kill and reap every process that a trainer leaves behind, also those in sessions of their own.

On Linux, the supervisor is a *child subreaper*: when a process of the job ends, the kernel makes its children children
of the supervisor. So this process has no child if and only if no process of the job is left. Elsewhere, only the
process group of the trainer is known.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress

from trainyard.supervisor.process_group import group_lives

_PR_SET_CHILD_SUBREAPER = 36  # include/uapi/linux/prctl.h
_MAX_REAPED = 1_000  # per call, so that a process that forks without end cannot keep the supervisor from its other work
_ROUNDS = 20  # per call: a process that forks while it is killed leaves children for the next round


def adopt_orphans() -> bool:
    """Make this process the child subreaper of its descendants. Returns False where the kernel cannot (not Linux)."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        import ctypes  # takes some milliseconds: the caller starts the trainer first

        return bool(ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0)
    except (ImportError, OSError, AttributeError):  # a Python without ctypes, a C library without prctl
        return False


def reap_adopted(trainer: int) -> None:
    """Reap ended children other than the trainer, whose wait status must not be taken from the caller."""
    if not hasattr(os, "waitid"):
        return
    with suppress(ChildProcessError):
        for _ in range(_MAX_REAPED):
            ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if ended is None or ended.si_pid == trainer:
                return
            os.waitpid(ended.si_pid, os.WNOHANG)


def kill_remaining(group: int, adopts: bool) -> bool:
    """Kill the remaining processes of a job. Call it again until it returns False.

    Args:
        group: process group of the trainer, killed before the trainer was reaped. Its number may be reused since.
        adopts: whether `adopt_orphans` succeeded.

    Returns:
        Whether a process of the job may still be alive.
    """
    if not adopts:
        return group_lives(group)
    for _ in range(_ROUNDS):
        reap_adopted(trainer=0)
        if not _has_children():
            return False
        for pid in children():
            with suppress(ProcessLookupError, PermissionError):  # it has ended, or runs as another user
                os.kill(pid, signal.SIGKILL)
    return True


def children(parent: int | None = None) -> list[int]:
    """Return the pids of the children of a process with a single thread; default: this one. Linux only."""
    pid = os.getpid() if parent is None else parent
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return [int(child) for child in file.read().split()]
    except OSError:  # it has ended, or a kernel without CONFIG_PROC_CHILDREN
        return [int(entry) for entry in os.listdir("/proc") if entry.isdecimal() and _parent_of(entry) == pid]


def _has_children() -> bool:
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def _parent_of(pid: str) -> int | None:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            line = file.read()
    except OSError:  # the process ended in the meantime
        return None
    return int(line[line.rindex(b")") + 2 :].split(None, 2)[1])
