"""The supervisor's loop: the trainer's output into the log, signals to the trainer, until the trainer has ended."""

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
"""A process that left the group may hold the pipes open for ever; nobody waits for it longer than this."""

_GROUP_POLL_SECONDS = 0.02
_READ_BYTES = 1 << 16


def watch(trainer: Popen[bytes], log_path: str | os.PathLike[str], signals: int) -> tuple[int, struct_rusage]:
    """Stay with the trainer until it has ended, its group is gone and its output is in the log.

    Args:
        trainer: leader of its own process group, with pipes for both streams.
        log_path: where its output is appended; the file is renamed when it is full (see `RotatingFile`).
        signals: reading end of a pipe with the numbers of the signals this process receives.

    Returns:
        Wait status and resource usage of the trainer.
    """
    loop = selectors.DefaultSelector()
    # A full disk costs log lines, never time: what is read is read, whether it can be written or not.
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
    """Pass signals on; when the trainer has ended, end its group and give its wait status."""
    # To the trainer alone: a data loader that dies first can break the checkpoint that is being saved.
    for number in numbers:
        if number in (signal.SIGTERM, signal.SIGINT):
            os.kill(trainer.pid, number)
    return _reap(trainer)


def _reap(trainer: Popen[bytes]) -> tuple[int, struct_rusage] | None:
    pid = trainer.pid
    if hasattr(os, "waitid"):
        # While the dead leader is not reaped, its pid cannot become another group: the kill below hits only ours.
        if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            return None
        kill_group(pid)
    reaped, wait_status, usage = os.wait4(pid, os.WNOHANG)
    if reaped == 0:
        return None
    if not hasattr(os, "waitid"):
        kill_group(pid)
    trainer.returncode = os.waitstatus_to_exitcode(wait_status)  # so that Popen does not wait for it again
    return wait_status, usage
