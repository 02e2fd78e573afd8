"""How often the kernel killed a process of this control group for want of memory."""

from __future__ import annotations

import os


def oom_kill_count() -> int | None:
    """The kernel's counter for the control group this process is in; None where there is none (macOS, old kernels).

    Compare the counts before and after: the signal alone (SIGKILL) does not say who sent it.
    """
    counts = [count for path in _counter_files() if (count := _read_count(path)) is not None]
    return sum(counts) if counts else None


def _counter_files() -> list[str]:
    """Control groups v2 have one tree; in v1 memory has its own. A container sees its own group at the root."""
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
