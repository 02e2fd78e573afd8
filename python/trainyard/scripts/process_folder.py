"""The temporary folder that the processes of one job share: what to run, their pids, and how they failed."""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from trainyard.failure import describe_failure
from trainyard.scripts.folder import Script
from trainyard.supervisor.oom import OomKills

PROGRAM = "program.json"
"""Name of the file that says what each process runs."""


@dataclass(frozen=True)
class Failure:
    """How a process failed."""

    rank: int | None
    """None: the agent of torchrun itself."""
    exit_code: int
    at: float
    description: dict[str, str] | None
    """Reason, message and traceback; None if the process could not write them."""


class ProcessFolder:
    """Files in a folder that only the processes of one job use."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._oom_kills = OomKills.from_now()

    def write_program(self, script: Script, arguments: list[str]) -> None:
        """Write what each process runs."""
        values = {**asdict(script), "path": str(script.path)}
        (self.path / PROGRAM).write_text(json.dumps({"script": values, "arguments": arguments}))

    def program(self) -> tuple[Script, list[str]]:
        """Return what each process runs."""
        data = json.loads((self.path / PROGRAM).read_text())
        return Script(**{**data["script"], "path": Path(data["script"]["path"])}), data["arguments"]

    def add_process(self, rank: int) -> None:
        """Record the pid of this process, so that a stop request reaches it."""
        self._write(f"{rank}.pid", os.getpid())

    def pids(self) -> set[int]:
        """Return the pids of the processes that have started."""
        return {int(value) for value in self._read("*.pid")}

    def add_failure(self, rank: int, exit_code: int, error: BaseException | None) -> None:
        """Record how a process failed.

        Args:
            error: the exception; None if another process saw the end of the process with this rank.
        """
        description = None if error is None else describe_failure(error, self._oom_kills)
        name = f"{rank}.{'seen' if error is None else 'failure'}"
        self._write(name, {"rank": rank, "exit_code": exit_code, "at": time.time(), "description": description})

    def failures(self) -> list[Failure]:
        """Return the failures, the earliest first."""
        found = [Failure(**value) for pattern in ("*.failure", "*.seen") for value in self._read(pattern)]
        return sorted(found, key=lambda failure: failure.at)

    def _write(self, name: str, value: object) -> None:
        staged = self.path / f".{name}"
        staged.write_text(json.dumps(value))
        staged.rename(self.path / name)

    def _read(self, pattern: str) -> list[Any]:
        values = []
        for path in self.path.glob(pattern):
            with suppress(OSError, ValueError):
                values.append(json.loads(path.read_text()))
        return values
