"""Standard output and error that keep working after the supervisor has died."""

from __future__ import annotations

import io
import os
import re
import sys
import threading
import time

from trainyard.files import Home
from trainyard.logs.log_lines import LogLines
from trainyard.logs.rotating_file import RotatingFile


def survive_supervisor(home: Home, job_id: str, prefix: str = "") -> None:
    """Replace ``sys.stdout`` and ``sys.stderr``: after the death of the supervisor, they write to the log directly.

    Without this, printing a line after the supervisor's death would end the training with a broken pipe. Both streams
    are line-buffered, so that the log is live.

    Args:
        prefix: text before each line, to distinguish several processes. Default: none.
    """
    log = SharedLog(home, job_id)
    outputs = [FallbackOutput(1, LogLines("stdout"), log), FallbackOutput(2, LogLines("stderr"), log)]
    sys.stdout, sys.stderr = (_text(PrefixedOutput(output, prefix) if prefix else output) for output in outputs)


class SharedLog:
    """The log of a job, shared by both streams, so that both write to the new file after a rotation."""

    def __init__(self, home: Home, job_id: str) -> None:
        self._file = RotatingFile(home.log(job_id))
        # Reentrant: a signal handler can print while a line is being written.
        self._lock = threading.RLock()

    def append(self, records: bytes) -> None:
        """Append complete records; does nothing if there are none."""
        if records:
            with self._lock:
                self._file.append(records)

    def close(self) -> None:
        """Close the file. A later ``append`` reopens it."""
        with self._lock:
            self._file.close()


class FallbackOutput(io.RawIOBase):
    """Writes to a file descriptor, or after its reader has closed the pipe, as log records to the log."""

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
                self._redirect_to_null()
        self._log.append(self._lines.feed(piece, time.time()))
        return len(piece)

    def close(self) -> None:
        if not self.closed and self._lost_reader:
            self._log.append(self._lines.close(time.time()))
            self._log.close()
        super().close()

    def _redirect_to_null(self) -> None:
        """Prevent that libraries and child processes, which write to the descriptor directly, die of SIGPIPE."""
        null = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
        os.dup2(null, self._fd)
        os.close(null)


class PrefixedOutput(io.RawIOBase):
    """Writes a prefix at the start of each line, also of lines that are redrawn after a carriage return."""

    def __init__(self, output: FallbackOutput, prefix: str) -> None:
        super().__init__()
        self._output = output
        self._prefix = prefix.encode()
        self._is_at_start = True

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._output.fileno()

    def isatty(self) -> bool:
        return self._output.isatty()

    def write(self, data: object) -> int:
        piece = bytes(data)  # type: ignore[call-overload]
        pattern = rb"(?<=[\r\n])(?=[^\r\n])" + (rb"|\A(?=[^\r\n])" if self._is_at_start else b"")
        rest = memoryview(re.sub(pattern, lambda _: self._prefix, piece))
        while rest:
            rest = rest[self._output.write(rest) :]
        if piece:
            self._is_at_start = piece[-1:] in b"\r\n"
        return len(piece)

    def close(self) -> None:
        self._output.close()
        super().close()


def _text(raw: io.RawIOBase) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BufferedWriter(raw), encoding="utf-8", errors="backslashreplace", line_buffering=True)
