"""Count the processes of this control group that the kernel's OOM killer has killed."""

from __future__ import annotations

import os


def oom_kill_count() -> int | None:
    """Return the OOM kill counter of this process's control group; None if there is none (macOS, old kernels).

    Compare the counts before and after a process: SIGKILL alone does not identify the sender.
    """
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
