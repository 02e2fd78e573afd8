r"""What a process prints, as log records in the container runtime's format (CRI).

Implements "Log" of ``src/runner/PROTOCOL.md``: a line is ``<RFC 3339 time> <stdout|stderr> <F|P> <text>``. Progress
bars redraw one line with ``\r`` many times a second; of those only the last drawing is kept, and at most two a second
are logged while the line is still being drawn. No input or output here: bytes in, bytes out.
"""

from __future__ import annotations

import re
import time

MAX_LINE_BYTES = 16 * 1024
"""A longer line is cut into parts (``P``) of this size and a last piece (``F``)."""

REDRAW_SECONDS = 0.5
"""A line that is still being redrawn is logged at most this often."""

_NEEDS_CLEANING = re.compile(rb"[^\t\n\x20-\x7e]")
_ESCAPE = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor movement
    r"|\x1b[\]PX^_].*?(?:\x07|\x1b\\|$)"  # OSC and other strings: window titles, links
    r"|\x1b[ -/]*[0-~]"  # the rest
)
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]")


class LogLines:
    """One stream of a process, cut into log records.

    Args:
        stream: ``"stdout"`` or ``"stderr"``.
    """

    def __init__(self, stream: str) -> None:
        self._stream = stream.encode()
        self._line = bytearray()  # since the last newline; of redrawn text only the last drawing
        self._redrawn = False  # whether a carriage return came since the last newline
        self._shown: bytes | None = None  # the drawing that was logged last
        self._shown_at = float("-inf")
        self._now: float | None = None  # the time that was written last, and how it was written
        self._time = b""

    @property
    def is_redrawing(self) -> bool:
        """Whether something is held back that ``tick`` would log once its time has come."""
        return self._redrawn and self._drawing() not in (b"", self._shown)

    def feed(self, data: bytes, now: float) -> bytes:
        """Take what was printed at ``now`` (Unix seconds) and give the records that are complete."""
        records: list[bytes] = []
        *ended, rest = data.split(b"\n")
        for end in ended:
            if not (self._line or self._redrawn or b"\r" in end or len(end) > MAX_LINE_BYTES):
                records.append(self._record(b"F", end, now))  # most lines come whole
                continue
            self._take(end, now, records)
            self._end_line(now, records)
        self._take(rest, now, records)
        records.append(self.tick(now))
        return b"".join(records)

    def tick(self, now: float) -> bytes:
        """The newest drawing of a line that is still being redrawn, when it is time to show one."""
        if not self.is_redrawing or now - self._shown_at < REDRAW_SECONDS:
            return b""
        self._shown = self._drawing()
        self._shown_at = now
        return self._record(b"F", self._shown, now)

    def close(self, now: float) -> bytes:
        """The stream is over: a last line without a newline counts as a line."""
        records: list[bytes] = []
        if self._line:
            self._end_line(now, records)
        return b"".join(records)

    def _take(self, piece: bytes, now: float, records: list[bytes]) -> None:
        self._line += piece
        # A carriage return at the very end may be half of "\r\n", and what it ends is not yet overdrawn.
        kept = self._line.rfind(b"\r", 0, len(self._line.rstrip(b"\r"))) + 1
        if kept:
            del self._line[:kept]
        if kept or self._line.endswith(b"\r"):
            self._redrawn = True
        while len(self._line) > MAX_LINE_BYTES:
            cut = MAX_LINE_BYTES
            while cut > MAX_LINE_BYTES - 4 and self._line[cut] & 0xC0 == 0x80:
                cut -= 1  # not through the middle of a character
            records.append(self._record(b"P", bytes(self._line[:cut]), now))
            del self._line[:cut]

    def _end_line(self, now: float, records: list[bytes]) -> None:
        drawing = self._drawing()
        if not self._redrawn or drawing not in (b"", self._shown):
            records.append(self._record(b"F", drawing, now))
        self._line.clear()
        self._redrawn = False
        self._shown = None

    def _drawing(self) -> bytes:
        """What the line shows now; empty where a redrawn line was wiped with spaces."""
        return bytes(self._line.rstrip(b"\r \t" if self._redrawn else b"\r"))

    def _record(self, tag: bytes, text: bytes, now: float) -> bytes:
        if now != self._now:  # a flood of lines arrives in chunks that share their time
            self._now, self._time = now, timestamp(now)
        return b"%s %s %s %s\n" % (self._time, self._stream, tag, clean(text))


def timestamp(now: float) -> bytes:
    """Unix seconds as RFC 3339 with microseconds, in UTC."""
    seconds, micros = divmod(round(now * 1e6), 1_000_000)
    return time.strftime(f"%Y-%m-%dT%H:%M:%S.{micros:06d}Z", time.gmtime(seconds)).encode()


def clean(text: bytes) -> bytes:
    """Text of one line as valid UTF-8 without escape sequences and control characters (tabs stay)."""
    if not _NEEDS_CLEANING.search(text):
        return text
    readable = _ESCAPE.sub("", text.decode("utf-8", "replace"))
    return _CONTROL.sub("", readable).encode()
