"""Standard output and error that outlive the supervisor at the other end of the pipe."""

from __future__ import annotations

import io
import os
import sys
import threading
import time

from trainyard.files import Home
from trainyard.log_lines import LogLines
from trainyard.rotating_file import RotatingFile


def outlive_supervisor(home: Home, job_id: str) -> None:
    """Let ``print`` go on working when the supervisor is killed: what is printed then goes to the log directly.

    Without this the first line printed after the supervisor's death would end the training with a broken pipe. Both
    streams are flushed at every line, so that the log is live.
    """
    log = SharedLog(home, job_id)
    sys.stdout = _text(LastingOutput(1, LogLines("stdout"), log))
    sys.stderr = _text(LastingOutput(2, LogLines("stderr"), log))


class SharedLog:
    """The log of a job as both streams write it: one file, so that both go on in the same one when it is full."""

    def __init__(self, home: Home, job_id: str) -> None:
        self._file = RotatingFile(home.log(job_id))
        # Reentrant: a signal handler may print while the line it interrupts is being written.
        self._lock = threading.RLock()

    def append(self, records: bytes) -> None:
        """Append whole records; nothing happens when there are none."""
        if records:
            with self._lock:
                self._file.append(records)

    def close(self) -> None:
        """Close the file. A later ``append`` opens it again."""
        with self._lock:
            self._file.close()


class LastingOutput(io.RawIOBase):
    """Bytes to a file descriptor, or as log records to the log once nobody reads the other end any more."""

    def __init__(self, fd: int, lines: LogLines, log: SharedLog) -> None:
        super().__init__()
        self._fd = fd
        self._lines = lines
        self._log = log
        self._lost_reader = False

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._fd

    def isatty(self) -> bool:
        return os.isatty(self._fd)

    def write(self, data: object) -> int:
        piece = bytes(data)  # type: ignore[call-overload]
        if not self._lost_reader:
            try:
                return os.write(self._fd, piece)
            except BrokenPipeError:
                self._lost_reader = True
                self._silence()
        self._log.append(self._lines.feed(piece, time.time()))
        return len(piece)

    def close(self) -> None:
        if not self.closed and self._lost_reader:
            self._log.append(self._lines.close(time.time()))
            self._log.close()
        super().close()

    def _silence(self) -> None:
        """What libraries and child processes write past Python must not kill them either."""
        nowhere = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
        os.dup2(nowhere, self._fd)
        os.close(nowhere)


def _text(raw: io.RawIOBase) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BufferedWriter(raw), encoding="utf-8", errors="backslashreplace", line_buffering=True)
