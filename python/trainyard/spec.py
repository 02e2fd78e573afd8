"""What was asked for: the trainer's only input. Written once by the runner, before the job is started."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from trainyard.files import Home, read_json

BACKENDS = ("AUTO", "TORCH", "SIMULATION")


class InvalidSpecError(Exception):
    """The spec file is missing, damaged or was written for another version of Trainyard."""


@dataclass(frozen=True)
class Spec:
    """One job as it was asked for; every number already has its default filled in."""

    job_id: str
    name: str | None
    trainer: str
    backend: str
    """AUTO (PyTorch where there is one), TORCH or SIMULATION."""
    dataset: str
    """File name, relative to the home's ``datasets/``."""
    epochs: int
    batch_size: int
    learning_rate: float
    seed: int
    options: dict[str, Any]
    """The trainer's own options."""
    created_at: float
    """Unix seconds."""

    @staticmethod
    def read(home: Home, job_id: str) -> Spec:
        """Read and check the spec of a job.

        Raises:
            InvalidSpecError: with a sentence that names the file and what is wrong with it.
        """
        path = home.spec(job_id)
        data = read_json(path)
        if data is None:
            raise InvalidSpecError(f"{path} is missing or is not a JSON object: start the job again through the API.")

        def take(key: str, kind: type | tuple[type, ...], wanted: str) -> Any:
            value = data.get(key)
            if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
                raise InvalidSpecError(f"{path}: '{key}' must be {wanted}, but is {value!r}.")
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
