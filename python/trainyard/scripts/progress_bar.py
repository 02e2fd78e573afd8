"""A progress bar on standard error: one line that is redrawn on a terminal, or plain lines elsewhere."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, TextIO

_DRAW_SECONDS = 0.2
_LINE_SECONDS = 10.0
"""Minimum time between two plain lines."""

_QUIET_SECONDS = 2.0
"""The bar is hidden for this time after the script has redrawn a line of its own, such as a tqdm bar."""

_BAR_WIDTH = 20
_METRICS_SHOWN = 4
_CLEAR = "\r\x1b[K"


def progress_line(name: str, status: Mapping[str, Any], width: int) -> str:
    """Return progress, speed and newest metrics in one line of at most ``width`` characters."""
    parts = []
    has_total = bool(status["total_steps"] or status["epochs"])
    if status["epoch"]:
        parts.append(f"epoch {status['epoch']}" + (f"/{status['epochs']}" if status["epochs"] else ""))
    if status["step"]:
        parts.append(f"step {status['step']}" + (f"/{status['total_steps']}" if status["total_steps"] else ""))
    parts += [
        f"{metric} {value:.4g}"
        for metric, value in list(status["metrics"].items())[:_METRICS_SHOWN]
        if isinstance(value, (int, float))
    ]
    if status["eta_seconds"] is not None:
        parts.append(f"{_clock(status['eta_seconds'])} left")
    bar = ""
    if has_total:
        filled = int(_BAR_WIDTH * status["progress"] / 100)
        bar = f" {status['progress']:3.0f}% [{'#' * filled}{'.' * (_BAR_WIDTH - filled)}]"
    return f"{name}{bar} {', '.join(parts) or 'running'}"[:width]


class ProgressBar:
    """Shows the status of a training until ``close``.

    Args:
        name: name of the script.
        stream: standard error.
        read: returns the current status; None if there is none yet.
    """

    def __init__(self, name: str, stream: TextIO, read: Callable[[], Mapping[str, Any] | None]) -> None:
        self._name = name
        self._stream = stream
        self._read = read
        self._is_terminal = stream.isatty() and os.environ.get("TERM") != "dumb"
        self._lock = threading.RLock()
        self._is_drawn = False
        self._hidden_until = 0.0
        self._mid_line = False
        self._last_line = ("", time.monotonic())
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Start to draw."""
        self._thread.start()

    def around(self, stream: TextIO) -> TextIO:
        """Return a stream whose output does not collide with the bar."""
        return _Around(stream, self) if self._is_terminal else stream  # type: ignore[return-value]

    def write(self, stream: TextIO, text: str) -> int:
        """Write the output of the script."""
        with self._lock:
            self._clear()
            if stream.isatty() and text:
                if "\r" in text:
                    self._hidden_until = time.monotonic() + _QUIET_SECONDS
                self._mid_line = not text.endswith("\n")
            count = stream.write(text)
            stream.flush()
            return count

    def close(self, last: str) -> None:
        """Remove the bar and write a last line."""
        self._end.set()
        self._thread.join()
        with self._lock:
            self._clear()
            self._stream.write(("\n" if self._mid_line else "") + last + "\n")
            self._stream.flush()

    def _run(self) -> None:
        while not self._end.wait(_DRAW_SECONDS):
            status = self._read()
            if status is not None:
                self._draw(status)

    def _draw(self, status: Mapping[str, Any]) -> None:
        with self._lock:
            now = time.monotonic()
            if not self._is_terminal:
                line = progress_line(self._name, status, 200)
                before, at = self._last_line
                if now - at >= _LINE_SECONDS and line != before:
                    self._last_line = (line, now)
                    self._stream.write(line + "\n")
                    self._stream.flush()
            elif now >= self._hidden_until and not self._mid_line:
                self._stream.write(_CLEAR + progress_line(self._name, status, _columns(self._stream)))
                self._stream.flush()
                self._is_drawn = True

    def _clear(self) -> None:
        if self._is_drawn:
            self._stream.write(_CLEAR)
            self._stream.flush()
            self._is_drawn = False


class _Around:
    """A text stream that writes through the bar; everything else is that of the original stream."""

    def __init__(self, stream: TextIO, bar: ProgressBar) -> None:
        self._stream = stream
        self._bar = bar

    def write(self, text: str) -> int:
        return self._bar.write(self._stream, text)

    def writelines(self, lines: list[str]) -> None:
        self.write("".join(lines))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _columns(stream: TextIO) -> int:
    try:
        return max(20, (os.get_terminal_size(stream.fileno()).columns or 80) - 1)  # 0: unknown
    except OSError:
        return 79


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
