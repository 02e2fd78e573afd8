"""The spec of a job that runs a script. In contrast to shipped trainers, the standard settings are optional."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from trainyard.files import Home
from trainyard.spec import InvalidSpecError, SpecFile

MAX_PROCESSES = 1_024
"""Maximum number of processes of a job on each of its nodes."""

MAX_NODES = 1_024
"""Maximum number of nodes of a job."""


@dataclass(frozen=True)
class ScriptSpec:
    """The settings of a job that runs a script. None: the script uses its own default."""

    job_id: str
    trainer: str
    """Name of the script."""
    dataset: str | None = None
    """File name, relative to ``datasets/`` of the home folder."""
    epochs: int | None = None
    batch_size: int | None = None
    learning_rate: float | None = None
    seed: int | None = None
    options: dict[str, Any] | None = None
    arguments: tuple[str, ...] = ()
    """Further arguments, which follow all others."""
    processes: int = 1
    """Number of processes on each node."""
    nodes: int = 1

    @staticmethod
    def read(home: Home, job_id: str) -> ScriptSpec:
        """Read and validate the spec of a job.

        Raises:
            InvalidSpecError: the file is missing or invalid; the message names the file and the problem.
        """
        file = SpecFile(home, job_id)
        take = file.take_optional
        arguments = take("arguments", list, "a list of texts") or []
        if not all(isinstance(argument, str) for argument in arguments):
            raise InvalidSpecError(f"{home.spec(job_id)}: 'arguments' must be a list of texts.")
        rate = take("learning_rate", (int, float), "a number")
        spec = ScriptSpec(
            job_id=take("job_id", str, "text"),
            trainer=take("trainer", str, "text"),
            dataset=take("dataset", str, "text"),
            epochs=take("epochs", int, "a whole number"),
            batch_size=take("batch_size", int, "a whole number"),
            learning_rate=None if rate is None else float(rate),
            seed=take("seed", int, "a whole number"),
            options=take("options", dict, "an object"),
            arguments=tuple(arguments),
            processes=take("processes", int, "a whole number") or 1,
            nodes=take("nodes", int, "a whole number") or 1,
        )
        file.check_job(spec.job_id)
        for name, value, limit in (("processes", spec.processes, MAX_PROCESSES), ("nodes", spec.nodes, MAX_NODES)):
            if not 1 <= value <= limit:
                raise InvalidSpecError(f"{home.spec(job_id)}: {name!r} must be from 1 to {limit}.")
        return spec
