"""Count the processes of this control group that the kernel's OOM killer has killed."""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class OomKills:
    """The processes of this control group that the OOM killer has killed since some time.

    Needed next to the end of a process: SIGKILL alone does not identify the sender.
    """

    before: int | None
    """The counter at that time; None if the kernel does not count (macOS, old kernels)."""

    @classmethod
    def from_now(cls) -> OomKills:
        """Return those from now on."""
        return cls(_count())

    def any(self) -> bool:
        """Whether one was killed; False if the kernel does not count."""
        count = _count()
        return count is not None and self.before is not None and count > self.before


def _count() -> int | None:
    """Return the OOM kill counter of this process's control group; None if there is none."""
    counts = [count for path in _counter_files() if (count := _read_count(path)) is not None]
    return sum(counts) if counts else None


def _counter_files() -> list[str]:
    """Control groups v2 have one tree; v1 has a separate one for memory. A container sees its own group as the root."""
    files: list[str] = []
    try:
        with open("/proc/self/cgroup", encoding="utf-8") as file:
            lines = file.read().splitlines()
    except OSError:
        return files
    for line in lines:
        _, controllers, group = line.split(":", 2)
        if controllers == "":
            files += [_first_existing("/sys/fs/cgroup", group, "memory.events")]
        elif "memory" in controllers.split(","):
            files += [_first_existing("/sys/fs/cgroup/memory", group, "memory.oom_control")]
    return files


def _first_existing(root: str, group: str, name: str) -> str:
    inside = f"{root}{group.rstrip('/')}/{name}"
    return inside if os.path.exists(inside) else f"{root}/{name}"


def _read_count(path: str) -> int | None:
    try:
        with open(path, encoding="ascii") as file:
            fields = dict(line.split(None, 1) for line in file if line.strip())
    except (OSError, ValueError):
        return None
    return int(fields["oom_kill"]) if "oom_kill" in fields else None
