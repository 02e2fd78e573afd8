"""The event loop of the supervisor: logs the trainer's output and forwards signals until the trainer has ended."""

from __future__ import annotations

import os
import selectors
import signal
import time
from functools import partial

from trainyard.logs.append_file import AppendFile
from trainyard.logs.log_lines import REDRAW_SECONDS, LogLines
from trainyard.logs.rotating_file import RotatingFile
from trainyard.supervisor.descendants import adopt_orphans, children, kill_remaining, reap_adopted
from trainyard.supervisor.process_group import kill_group
from trainyard.supervisor.supervisor_log import log_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from resource import struct_rusage
    from typing import IO, Protocol

    class TrainerProcess(Protocol):
        """The interface of a trainer that a supervisor uses. A `Popen` has it."""

        pid: int
        returncode: int | None

        @property
        def stdout(self) -> IO[bytes] | None: ...

        @property
        def stderr(self) -> IO[bytes] | None: ...


_DRAIN_SECONDS = 2.0
"""Maximum wait for output after the trainer has ended: a process of another user can keep the pipes open."""

_KILL_SECONDS = 10.0
"""Maximum wait for the death of the trainer's descendants: they may wait for a device, or run as another user."""

_END_POLL_SECONDS = 0.01
_READ_BYTES = 1 << 16


def watch(trainer: TrainerProcess, log_path: str | os.PathLike[str], signals: int) -> tuple[int, struct_rusage]:
    """Wait until the trainer has ended, everything that it started is dead and its output is in the log.

    Args:
        trainer: leader of its own process group, with pipes for both streams.
        log_path: log file; rotated when it is full (see `RotatingFile`).
        signals: read descriptor of the pipe with signal numbers.

    Returns:
        Wait status and resource usage of the trainer.
    """
    # After the start of the trainer, which this would delay. It needs much longer to start a process of its own.
    adopts = adopt_orphans()
    loop = selectors.DefaultSelector()
    # A full disk loses log lines, but never blocks the trainer: output is read even if it cannot be written.
    log = RotatingFile(log_path, backlog=1 << 18)
    streams: list[LogLines] = []
    for name, pipe in (("stdout", trainer.stdout), ("stderr", trainer.stderr)):
        assert pipe is not None
        lines = LogLines(name)
        streams.append(lines)
        loop.register(pipe, selectors.EVENT_READ, partial(_copy, loop, pipe.fileno(), lines, log))
    ended: tuple[int, struct_rusage] | None = None
    ended_at = 0.0
    loop.register(signals, selectors.EVENT_READ)

    while ended is None or not _is_over(trainer.pid, adopts, time.monotonic() - ended_at, len(loop.get_map()) > 1):
        for key, _ in loop.select(_END_POLL_SECONDS if ended else _redraw_wait(streams)):
            if key.data is not None:
                key.data()
                continue
            numbers = os.read(signals, 256)
            if ended is None:
                ended = _handle_signals(numbers, trainer)
                ended_at = time.monotonic()
        now = time.time()
        for lines in streams:
            _append(log, lines.tick(now))
    for lines in streams:
        _append(log, lines.close(time.time()))
    log.close()
    loop.close()
    return ended


def _is_over(group: int, adopts: bool, seconds: float, pipes_open: bool) -> bool:
    """Kill the remaining processes of the job, `seconds` after the end of the trainer. Returns whether none is left."""
    if not kill_remaining(group, adopts):
        return not pipes_open or seconds > _DRAIN_SECONDS
    if seconds <= _KILL_SECONDS:
        return False
    left = ", ".join(map(str, children()[:10])) if adopts else f"group {group}"
    log_error(f"processes of this job are still alive {_KILL_SECONDS:.0f} s after SIGKILL: {left}.")
    return True


def _copy(loop: selectors.BaseSelector, pipe: int, lines: LogLines, log: AppendFile) -> None:
    data = os.read(pipe, _READ_BYTES)
    if data:
        _append(log, lines.feed(data, time.time()))
    else:
        loop.unregister(pipe)


def _append(log: AppendFile, records: bytes) -> None:
    if records:
        log.append(records)


def _redraw_wait(streams: list[LogLines]) -> float | None:
    return REDRAW_SECONDS if any(lines.is_redrawing for lines in streams) else None


def _handle_signals(numbers: bytes, trainer: TrainerProcess) -> tuple[int, struct_rusage] | None:
    """Forward signals and reap. If the trainer has ended, kill its group and return its wait status."""
    # Only to the trainer: a data loader that ends first can damage the checkpoint during the save.
    for number in numbers:
        if number in (signal.SIGTERM, signal.SIGINT):
            os.kill(trainer.pid, number)
    ended = _reap(trainer)
    reap_adopted(trainer.pid)
    return ended


def _reap(trainer: TrainerProcess) -> tuple[int, struct_rusage] | None:
    pid = trainer.pid
    if hasattr(os, "waitid"):
        # Kill before reaping the leader: until then, its pid cannot be reused for another group.
        if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            return None
        kill_group(pid)
    reaped, wait_status, usage = os.wait4(pid, os.WNOHANG)
    if reaped == 0:
        return None
    if not hasattr(os, "waitid"):
        kill_group(pid)
    trainer.returncode = os.waitstatus_to_exitcode(wait_status)  # prevents Popen from waiting for it again
    return wait_status, usage
