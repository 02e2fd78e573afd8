"""Which data a training has seen: a training may go on with the very same alone."""

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
    """The file is the same, but what the network is given is not: another version of NumPy, or of this program."""


@dataclass(frozen=True)
class DataIdentity:
    """A data set as it was read and prepared."""

    file_sha256: str
    rows: int
    """With a target."""
    prepared_sha256: str
    """Of the columns, encoders and scales, and of which rows are trained on and in which order they lie."""

    @classmethod
    def of(cls, file_sha256: str, data: Prepared) -> DataIdentity:
        """The identity of a prepared data set whose file has this digest."""
        digest = hashlib.sha256(json.dumps(data.schema.to_json(), sort_keys=True).encode())
        for rows in (data.training, data.validation):
            digest.update(rows.tobytes())
        return cls(file_sha256, len(data.inputs), digest.hexdigest())

    def to_json(self) -> dict[str, Any]:
        """Plain numbers and texts."""
        return asdict(self)


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def check_file(path: Path, now: str, saved: dict[str, Any]) -> None:
    """Raise InvalidDatasetError unless the file has the digest that was saved, as `DataIdentity.to_json` gave it."""
    if saved["file_sha256"] != now:
        raise InvalidDatasetError(
            "the dataset has changed since the job began, and a training cannot go on with other data. Put the old "
            "file back and resume the job, or start a new one.",
            path=path,
        )


def check_prepared(now: DataIdentity, saved: dict[str, Any]) -> None:
    """Raise PreparedDifferentlyError unless all of it is as it was saved."""
    if now.to_json() != saved:
        raise PreparedDifferentlyError("its data was prepared by another version of NumPy or Trainyard")
