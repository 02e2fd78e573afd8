"""The spec of a job: the only input of its trainer. The runner writes the file once, before it starts the job."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from trainyard.files import Home, read_json

BACKENDS = ("AUTO", "TORCH", "SIMULATION")


class InvalidSpecError(Exception):
    """The spec file is missing, damaged, or from another version of Trainyard."""


class SpecFile:
    """The values of a spec file, each checked when it is taken.

    Raises:
        InvalidSpecError: the file is missing or not a JSON object; likewise the methods, for an invalid value.
    """

    def __init__(self, home: Home, job_id: str) -> None:
        self._path = home.spec(job_id)
        self._job_id = job_id
        data = read_json(self._path)
        if data is None:
            raise self.problem("is missing or not a JSON object: start the job again through the API")
        self._data = data

    def take(self, key: str, kind: type | tuple[type, ...], expected: str) -> Any:
        """Return a value of this type; true and false are not numbers. ``expected`` describes it in the error."""
        value = self._data.get(key)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise InvalidSpecError(f"{self._path}: '{key}' must be {expected}, but is {value!r}.")
        return value

    def take_optional(self, key: str, kind: type | tuple[type, ...], expected: str) -> Any:
        """Return a value of this type; None if it is null or missing."""
        return None if self._data.get(key) is None else self.take(key, kind, f"{expected} or null")

    def check_job(self, job_id: str) -> None:
        """Check that the file is the one of this job."""
        if job_id != self._job_id:
            raise self.problem(f"belongs to job {job_id!r}, not to {self._job_id!r}")

    def problem(self, text: str) -> InvalidSpecError:
        """Return an error about the file: ``text`` follows its path."""
        return InvalidSpecError(f"{self._path} {text}.")


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
    batch_size: int | None
    """Rows per optimizer step; None: the trainer chooses."""
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
        file = SpecFile(home, job_id)
        take = file.take
        spec = Spec(
            job_id=take("job_id", str, "text"),
            name=take("name", (str, type(None)), "text or null"),
            trainer=take("trainer", str, "text"),
            backend=take("backend", str, "text"),
            dataset=take("dataset", str, "text"),
            epochs=take("epochs", int, "a whole number"),
            batch_size=file.take_optional("batch_size", int, "a whole number"),
            learning_rate=float(take("learning_rate", (int, float), "a number")),
            seed=take("seed", int, "a whole number"),
            options=take("options", dict, "an object"),
            created_at=float(take("created_at", (int, float), "a number")),
        )
        file.check_job(spec.job_id)
        if spec.backend not in BACKENDS:
            raise InvalidSpecError(
                f"{home.spec(job_id)}: 'backend' must be one of {', '.join(BACKENDS)}, but is {spec.backend!r}."
            )
        if spec.epochs < 1 or (spec.batch_size is not None and spec.batch_size < 1):
            raise InvalidSpecError(f"{home.spec(job_id)}: 'epochs' and 'batch_size' must be at least 1.")
        return spec
