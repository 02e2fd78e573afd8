"""The spec of a job: the only input of its trainer. The runner writes the file once, before it starts the job."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from trainyard.files import Home, read_json

BACKENDS = ("AUTO", "TORCH", "SIMULATION")


class InvalidSpecError(Exception):
    """The spec file is missing, damaged, or from another version of Trainyard."""


@dataclass(frozen=True)
class Spec:
    """The settings of a job, with all defaults applied."""

    job_id: str
    name: str | None
    trainer: str
    backend: str
    """AUTO (PyTorch if available), TORCH or SIMULATION."""
    dataset: str
    """File name, relative to ``datasets/`` of the home folder."""
    epochs: int
    batch_size: int
    learning_rate: float
    seed: int
    options: dict[str, Any]
    """Options of the trainer."""
    created_at: float
    """Creation time in Unix seconds."""

    @staticmethod
    def read(home: Home, job_id: str) -> Spec:
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
            if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
                raise InvalidSpecError(f"{path}: '{key}' must be {expected}, but is {value!r}.")
            return value

        spec = Spec(
            job_id=take("job_id", str, "text"),
            name=take("name", (str, type(None)), "text or null"),
            trainer=take("trainer", str, "text"),
            backend=take("backend", str, "text"),
            dataset=take("dataset", str, "text"),
            epochs=take("epochs", int, "a whole number"),
            batch_size=take("batch_size", int, "a whole number"),
            learning_rate=float(take("learning_rate", (int, float), "a number")),
            seed=take("seed", int, "a whole number"),
            options=take("options", dict, "an object"),
            created_at=float(take("created_at", (int, float), "a number")),
        )
        if spec.job_id != job_id:
            raise InvalidSpecError(f"{path} belongs to job {spec.job_id!r}, not to {job_id!r}.")
        if spec.backend not in BACKENDS:
            raise InvalidSpecError(f"{path}: 'backend' must be one of {', '.join(BACKENDS)}, but is {spec.backend!r}.")
        if spec.epochs < 1 or spec.batch_size < 1:
            raise InvalidSpecError(f"{path}: 'epochs' and 'batch_size' must be at least 1.")
        return spec
