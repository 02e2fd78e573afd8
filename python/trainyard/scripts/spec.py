"""The spec of a job that runs a script. In contrast to shipped trainers, the standard settings are optional."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from trainyard.files import Home, read_json
from trainyard.spec import InvalidSpecError

MAX_PROCESSES = 1_024
"""Maximum number of processes of a job."""


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

    @staticmethod
    def read(home: Home, job_id: str) -> ScriptSpec:
        """Read and validate the spec of a job.

        Raises:
            InvalidSpecError: the file is missing or invalid; the message names the file and the problem.
        """
        path = home.spec(job_id)
        data = read_json(path)
        if data is None:
            raise InvalidSpecError(f"{path} is missing or not a JSON object: start the job again through the API.")

        def take(key: str, kind: type | tuple[type, ...], expected: str) -> Any:
            value = data.get(key)
            if value is not None and (not isinstance(value, kind) or isinstance(value, bool)):
                raise InvalidSpecError(f"{path}: '{key}' must be {expected} or null, but is {value!r}.")
            return value

        arguments = take("arguments", list, "a list of texts") or []
        if not all(isinstance(argument, str) for argument in arguments):
            raise InvalidSpecError(f"{path}: 'arguments' must be a list of texts.")
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
        )
        if spec.job_id != job_id:
            raise InvalidSpecError(f"{path} belongs to job {spec.job_id!r}, not to {job_id!r}.")
        if not 1 <= spec.processes <= MAX_PROCESSES:
            raise InvalidSpecError(f"{path}: 'processes' must be from 1 to {MAX_PROCESSES}.")
        return spec
