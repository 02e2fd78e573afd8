"""The folder that the nodes of one job share: the command to run, and how the processes on each node ended.

The file of a node exists before the node starts, and is written in place: over NFS, opening a file shows what was
written before it was closed elsewhere, while a new name can stay invisible for a minute.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from trainyard.scripts.process_folder import Failure


@dataclass(frozen=True)
class NodeReport:
    """The report of a node about its processes."""

    name: str
    """Name of the node in Slurm."""
    exit_code: int | None = None
    """Exit code of torchrun; None before its end."""
    failures: tuple[Failure, ...] = ()
    """The failures of its processes, the earliest first. Clocks of nodes differ: times of two nodes do not compare."""


class NodeReports:
    """The files in a folder of the shared file system."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def create(self, nodes: int) -> None:
        """Create the folder, with an empty report of each node."""
        self.folder.mkdir(mode=0o700, parents=True)
        for node in range(nodes):
            self._path(node).touch(mode=0o600)

    def write(self, node: int, report: NodeReport) -> None:
        """Replace the report of a node, which only the node itself does."""
        with open(self._path(node), "r+b") as file:
            file.write(json.dumps(asdict(report)).encode())
            file.truncate()

    def read(self, nodes: int) -> dict[int, NodeReport]:
        """Return the reports of the nodes that have written one, by the number of the node, from 0."""
        reports = {}
        for node in range(nodes):
            with suppress(OSError, ValueError, TypeError):  # nothing yet, or in the middle of a write
                values = json.loads(self._path(node).read_bytes())
                failures = tuple(Failure(**failure) for failure in values.pop("failures"))
                reports[node] = NodeReport(**values, failures=failures)
        return reports

    def _path(self, node: int) -> Path:
        return self.folder / f"{node}.json"
