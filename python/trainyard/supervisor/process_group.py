"""Kill and inspect the process group of a trainer."""

from __future__ import annotations

import os
import signal
from contextlib import suppress


def kill_group(group: int) -> None:
    """Send SIGKILL to every process of the group; does nothing if the group is empty."""
    with suppress(ProcessLookupError, PermissionError):  # macOS returns EPERM if only zombies are left
        os.killpg(group, signal.SIGKILL)


def group_lives(group: int) -> bool:
    """Whether a process of the group is still running.

    Zombies do not count if ``/proc`` is available: they hold no resources, and remain forever in a container whose
    first process does not reap its children.
    """
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    if not os.path.exists("/proc/self/stat"):
        return True
    return any(_runs_in(group, entry) for entry in os.listdir("/proc") if entry.isdecimal())


def _runs_in(group: int, pid: str) -> bool:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            line = file.read()
    except (FileNotFoundError, ProcessLookupError):
        return False  # the process ended in the meantime
    state, _parent, its_group = line[line.rindex(b")") + 2 :].split(None, 3)[:3]
    return int(its_group) == group and state not in (b"Z", b"X")
