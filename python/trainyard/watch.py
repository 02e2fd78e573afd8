"""The event loop of the supervisor: logs the trainer's output and forwards signals until the trainer has ended."""

from __future__ import annotations

import os
import selectors
import signal
import time
from functools import partial
from subprocess import Popen

from trainyard.append_file import AppendFile
from trainyard.log_lines import REDRAW_SECONDS, LogLines
from trainyard.process_group import group_lives, kill_group
from trainyard.rotating_file import RotatingFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from resource import struct_rusage

_DRAIN_SECONDS = 2.0
"""Maximum wait for output after the trainer has ended: a process outside the group can keep the pipes open."""

_GROUP_POLL_SECONDS = 0.02
_READ_BYTES = 1 << 16


def watch(trainer: Popen[bytes], log_path: str | os.PathLike[str], signals: int) -> tuple[int, struct_rusage]:
    """Wait until the trainer has ended, its process group is empty and its output is in the log.

    Args:
        trainer: leader of its own process group, with pipes for both streams.
        log_path: log file; rotated when it is full (see `RotatingFile`).
        signals: read descriptor of the pipe with signal numbers.

    Returns:
        Wait status and resource usage of the trainer.
    """
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
    deadline = float("inf")
    loop.register(signals, selectors.EVENT_READ)

    while ended is None or (time.monotonic() < deadline and (len(loop.get_map()) > 1 or group_lives(trainer.pid))):
        for key, _ in loop.select(_GROUP_POLL_SECONDS if ended else _redraw_wait(streams)):
            if key.data is not None:
                key.data()
                continue
            numbers = os.read(signals, 256)
            if ended is None:
                ended = _handle_signals(numbers, trainer)
                deadline = time.monotonic() + _DRAIN_SECONDS
        now = time.time()
        for lines in streams:
            _append(log, lines.tick(now))
    for lines in streams:
        _append(log, lines.close(time.time()))
    log.close()
    loop.close()
    return ended


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


def _handle_signals(numbers: bytes, trainer: Popen[bytes]) -> tuple[int, struct_rusage] | None:
    """Forward signals. If the trainer has ended, kill its group and return its wait status."""
    # Only to the trainer: a data loader that ends first can damage the checkpoint during the save.
    for number in numbers:
        if number in (signal.SIGTERM, signal.SIGINT):
            os.kill(trainer.pid, number)
    return _reap(trainer)


def _reap(trainer: Popen[bytes]) -> tuple[int, struct_rusage] | None:
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
