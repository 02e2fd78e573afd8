"""The processes a trainer started and left behind: its process group."""

from __future__ import annotations

import os
import signal
from contextlib import suppress


def kill_group(group: int) -> None:
    """SIGKILL every process of the group; nothing happens when nobody is left."""
    with suppress(ProcessLookupError, PermissionError):  # macOS says EPERM where only zombies are left
        os.killpg(group, signal.SIGKILL)


def group_lives(group: int) -> bool:
    """Whether a process of the group still runs.

    Zombies do not count where ``/proc`` tells them apart: they hold nothing any more, and in a container whose first
    process reaps nobody they stay for ever.
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
        return False  # it ended while we looked
    state, _parent, its_group = line[line.rindex(b")") + 2 :].split(None, 3)[:3]
    return int(its_group) == group and state not in (b"Z", b"X")
