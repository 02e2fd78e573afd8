"""Identify a process by pid, start time and boot ID, because pids are reused.

Implements IDENTITY of ``src/runner/PROTOCOL.md``: two identities are the same process only if all three parts match.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def identity_of(pid: int) -> dict[str, object] | None:
    """Return the identity of a running process, or None if it does not exist or is a zombie."""
    start_time = _start_time_from_proc(pid) if os.path.exists("/proc/self/stat") else _start_time_from_ps(pid)
    return None if start_time is None else {"pid": pid, "start_time": start_time, "boot_id": _boot_id()}


def own_identity() -> dict[str, object]:
    """Return the identity of this process.

    Raises:
        RuntimeError: neither ``/proc`` nor ``ps`` lists it.
    """
    identity = identity_of(os.getpid())
    if identity is None:
        raise RuntimeError("Cannot determine the identity of this process: neither /proc nor ps lists it.")
    return identity


def is_alive(identity: Mapping[str, object] | None) -> bool:
    """Whether exactly this process is running; False for None and for another process with the same pid."""
    if identity is None:
        return False
    pid = identity.get("pid")
    return isinstance(pid, int) and pid > 0 and identity_of(pid) == dict(identity)


def _start_time_from_proc(pid: int) -> str | None:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            line = file.read()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The second field is the program name in parentheses, which can itself contain spaces and parentheses.
    state, *fields = line[line.rindex(b")") + 2 :].split()
    return None if state in (b"Z", b"X", b"x") else fields[18].decode()  # field 22 of the whole line


def _start_time_from_ps(pid: int) -> str | None:
    import subprocess

    # The format of `lstart` depends on the locale; both sides must use the same one.
    answer = subprocess.run(
        ["ps", "-o", "stat=", "-o", "lstart=", "-p", str(pid)],
        env={**os.environ, "LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    state, _, start_time = answer.stdout.strip().partition(" ")
    return None if not state or state.startswith("Z") else start_time.strip()


def _boot_id() -> str:
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return ""
