"""The messages of ``srun`` about the processes that it has started."""

from __future__ import annotations

import os
import re
import threading
from contextlib import suppress
from typing import IO

_OUT_OF_MEMORY = re.compile(rb"^srun: error: (\S{1,200}): tasks? [^:\n]{1,200}: Out Of Memory\b", re.MULTILINE)
_MAX_MESSAGE = 500
_STDERR = 2
_JOIN_SECONDS = 5.0


class SrunMessages:
    """Passes on the standard error of ``srun``, and with it that of all its processes, and finds the messages of Slurm.

    Args:
        stream: the standard error of ``srun``, a pipe.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self.out_of_memory: str | None = None
        """The nodes, as Slurm writes lists, whose process was killed because memory ran out; None if there are none.

        ``srun`` exits with code 1 then, as after any failure of a process.
        """
        self._stream = stream
        self._thread = threading.Thread(target=self._pass_on, name="trainyard-srun", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Wait until everything is read. Call it after the end of ``srun``."""
        self._thread.join(_JOIN_SECONDS)

    def _pass_on(self) -> None:
        end = b""
        while chunk := os.read(self._stream.fileno(), 65_536):
            _write(chunk)
            found = _OUT_OF_MEMORY.search(end + chunk)
            if found and self.out_of_memory is None:
                self.out_of_memory = found[1].decode(errors="replace")
            end = (end + chunk)[-_MAX_MESSAGE:]


def _write(data: bytes) -> None:
    with suppress(OSError):  # the supervisor was killed: its pipe has no reader
        while data:
            data = data[os.write(_STDERR, data) :]
