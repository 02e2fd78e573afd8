"""See the text that a script writes to one of its standard streams."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from typing import Any, TextIO

from trainyard.capture.collector import Collector
from trainyard.capture.guard import Guard


def watch_stream(stream: TextIO, see: Callable[[str], None], collector: Collector, guard: Guard) -> None:
    """Call ``see`` with each text that is written from now on. The stream stays the same object.

    A stream that passes on each line at once is watched below its encoding: so bytes that are written to its
    ``buffer`` are seen too.
    """
    is_prompt = getattr(stream, "line_buffering", False) or getattr(stream, "write_through", False)
    buffer = getattr(stream, "buffer", None) if is_prompt else None
    if buffer is None or not _watch(buffer, _decoded(see), collector, guard):
        _watch(stream, see, collector, guard)


def _decoded(see: Callable[[str], None]) -> Callable[[Any], None]:
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    return lambda data: see(decoder.decode(bytes(data)))


def _watch(target: Any, see: Callable[[Any], None], collector: Collector, guard: Guard) -> bool:
    """Replace the method ``write`` of an object. Returns False if it does not allow that."""
    original = target.write
    is_busy = False  # the reporter itself may print a warning

    def write(data: Any) -> Any:
        nonlocal is_busy
        count = original(data)
        if guard.enabled and not is_busy and collector.active:
            is_busy = True
            try:
                guard.call(see, data)
            finally:
                is_busy = False
        return count

    try:
        target.write = write
    except AttributeError:  # an object of another kind, without attributes
        return False
    return True
