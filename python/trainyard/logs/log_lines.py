r"""Convert the output of a process to log records in the CRI format of container runtimes.

Implements "Log" of ``src/runner/PROTOCOL.md``: a record is ``<RFC 3339 time> <stdout|stderr> <F|P> <text>``. Progress
bars redraw a line with ``\r`` many times per second: the log contains the final text of the line, and at most two
intermediate ones per second. This module performs no I/O.
"""

from __future__ import annotations

import re
import time

MAX_LINE_BYTES = 16 * 1024
"""Maximum length of a record. Longer lines are split into parts (``P``) of this size and a final part (``F``)."""

REDRAW_SECONDS = 0.5
"""Minimum time between two records of a line that is being redrawn, in seconds."""

_UP = b"\x1b[A"
"""Moves the cursor up. A nested bar moves down with a newline, is drawn, and moves up again, at each redraw."""

_NEEDS_CLEANING = re.compile(rb"[^\t\n\x20-\x7e]")
_ESCAPE = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor movement
    r"|\x1b[\]PX^_].*?(?:\x07|\x1b\\|$)"  # OSC and other strings: window titles, links
    r"|\x1b[ -/]*[0-~]"  # other escape sequences
)
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]")


class LogLines:
    """Splits one stream of a process into log records.

    Args:
        stream: ``"stdout"`` or ``"stderr"``.
    """

    def __init__(self, stream: str) -> None:
        self._stream = stream.encode()
        self._line = bytearray()  # text since the last newline, without overwritten text
        self._redrawn = False  # whether there was a carriage return since the last newline
        self._shown: bytes | None = None  # the version of a redrawn line that was logged last
        self._shown_at = float("-inf")
        self._now: float | None = None  # the latest time, and its formatted text
        self._time = b""

    @property
    def is_redrawing(self) -> bool:
        """Whether ``tick`` has a redrawn line to log after ``REDRAW_SECONDS``."""
        return self._redrawn and self._drawing() not in (b"", self._shown)

    def feed(self, data: bytes, now: float) -> bytes:
        """Process output printed at ``now`` (Unix seconds) and return the complete records."""
        records: list[bytes] = []
        *ended, rest = data.split(b"\n")
        for end in ended:
            if not (self._line or self._redrawn or b"\r" in end or len(end) > MAX_LINE_BYTES):
                records.append(self._record(b"F", end, now))  # fast path: most lines arrive complete
                continue
            self._take(end, now, records)
            if not self._comes_back():
                self._end_line(now, records)
        self._take(rest, now, records)
        records.append(self.tick(now))
        return b"".join(records)

    def tick(self, now: float) -> bytes:
        """Return a record with the current text of a line that is being redrawn, if one is due."""
        if not self.is_redrawing or now - self._shown_at < REDRAW_SECONDS:
            return b""
        self._shown = self._drawing()
        self._shown_at = now
        return self._record(b"F", self._shown, now)

    def close(self, now: float) -> bytes:
        """End the stream. A last line without a newline becomes a record."""
        records: list[bytes] = []
        if self._line:
            self._end_line(now, records)
        return b"".join(records)

    def _take(self, piece: bytes, now: float, records: list[bytes]) -> None:
        self._line += piece
        # A carriage return at the end can be the first half of "\r\n", and its line is not overwritten yet.
        kept = self._line.rfind(b"\r", 0, len(self._line.rstrip(b"\r"))) + 1
        if kept:
            del self._line[:kept]
        if kept or self._line.endswith(b"\r"):
            self._redrawn = True
        while len(self._line) > MAX_LINE_BYTES:
            cut = MAX_LINE_BYTES
            while cut > MAX_LINE_BYTES - 4 and self._line[cut] & 0xC0 == 0x80:
                cut -= 1  # do not split a character
            records.append(self._record(b"P", bytes(self._line[:cut]), now))
            del self._line[:cut]

    def _comes_back(self) -> bool:
        """Whether a newline only undoes a move up, so that the same line is drawn again."""
        if not self._line.endswith(_UP):
            return False
        del self._line[-len(_UP) :]
        if not self._line.endswith(_UP):
            self._line += b"\r"
        self._redrawn = True
        return True

    def _end_line(self, now: float, records: list[bytes]) -> None:
        drawing = self._drawing()
        if not self._redrawn or drawing not in (b"", self._shown):
            records.append(self._record(b"F", drawing, now))
        self._line.clear()
        self._redrawn = False
        self._shown = None

    def _drawing(self) -> bytes:
        """Return the visible text of the line; empty if a redrawn line was erased with spaces."""
        end = len(self._line)
        while self._line.endswith(_UP, 0, end):
            end -= len(_UP)
        return bytes(self._line[:end].rstrip(b"\r \t" if self._redrawn else b"\r"))

    def _record(self, tag: bytes, text: bytes, now: float) -> bytes:
        if now != self._now:  # lines of one chunk have the same time
            self._now, self._time = now, timestamp(now)
        return b"%s %s %s %s\n" % (self._time, self._stream, tag, clean(text))


def timestamp(now: float) -> bytes:
    """Format Unix seconds as RFC 3339 with microseconds, in UTC."""
    seconds, micros = divmod(round(now * 1e6), 1_000_000)
    return time.strftime(f"%Y-%m-%dT%H:%M:%S.{micros:06d}Z", time.gmtime(seconds)).encode()


def clean(text: bytes) -> bytes:
    """Return a line as valid UTF-8 without escape sequences and control characters, except tabs."""
    if not _NEEDS_CLEANING.search(text):
        return text
    readable = _ESCAPE.sub("", text.decode("utf-8", "replace"))
    return _CONTROL.sub("", readable).encode()
