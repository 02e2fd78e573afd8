"""Identify the data of a training. A training can continue only with exactly the same data."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from trainyard.data import InvalidDatasetError
from trainyard.trainers.tabular.prepare import Prepared

_CHUNK_BYTES = 1 << 20


class PreparedDifferentlyError(ValueError):
    """The file is unchanged, but another version of NumPy or Trainyard prepared it differently."""


@dataclass(frozen=True)
class DataIdentity:
    """Digests of a dataset file and of the data prepared from it."""

    file_sha256: str
    rows: int
    """Rows with a target value."""
    prepared_sha256: str
    """Digest of columns, encoders, scales and the order of training, validation and test rows."""

    @classmethod
    def of(cls, file_sha256: str, data: Prepared) -> DataIdentity:
        """Return the identity of prepared data from a file with this digest."""
        digest = hashlib.sha256(json.dumps(data.schema.to_json(), sort_keys=True).encode())
        for rows in (data.training, data.validation, data.test):
            digest.update(rows.tobytes())
        return cls(file_sha256, len(data.inputs), digest.hexdigest())

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a JSON object."""
        return asdict(self)


def file_sha256(path: Path) -> str:
    """Return the SHA-256 digest of a file as a hexadecimal string."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def check_file(path: Path, now: str, saved: dict[str, Any]) -> None:
    """Raise InvalidDatasetError if the digest `now` differs from the saved one (from `DataIdentity.to_json`)."""
    if saved["file_sha256"] != now:
        raise InvalidDatasetError(
            "the dataset has changed since the job started. Restore the original file and resume the job, "
            "or start a new job.",
            path=path,
        )


def check_prepared(now: DataIdentity, saved: dict[str, Any]) -> None:
    """Raise PreparedDifferentlyError if any field differs from the saved one."""
    if now.to_json() != saved:
        raise PreparedDifferentlyError("another version of NumPy or Trainyard prepared its data")
