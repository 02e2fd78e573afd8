"""Paths of a job's files, and atomic replacement of JSON files.

Implements "Folders" and "Replaced atomically" of ``src/runner/PROTOCOL.md``. Standard library only; fast to import.
"""

from __future__ import annotations

import json
import math
import os
import re
import stat
from pathlib import Path

TYPE_CHECKING = False  # importing `typing` would delay the start of the supervisor
if TYPE_CHECKING:
    from typing import Any

MAX_DOCUMENT_BYTES = 1 << 20
"""Maximum size of a JSON file that readers accept."""

_ENCODER = json.JSONEncoder(allow_nan=False, separators=(",", ":"))  # `json.dumps` would create one at each call
_JOB_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")


class Home:
    """The home folder (``TRAINYARD_HOME``), as an absolute path.

    Methods with a job ID raise ``ValueError`` if the ID has characters that could lead out of the folder.
    """

    __slots__ = ("path",)

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(os.path.abspath(path))

    def __repr__(self) -> str:
        return f"Home({str(self.path)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Home) and self.path == other.path

    def __hash__(self) -> int:
        return hash(self.path)

    def status(self, job_id: str) -> Path:
        """Path of the status file: the latest report, replaced atomically."""
        return self._artifact("jobs", job_id, ".json")

    def spec(self, job_id: str) -> Path:
        """Path of the spec file: the settings of the job, written once."""
        return self._artifact("specs", job_id, ".json")

    def metrics(self, job_id: str) -> Path:
        """Path of the metrics file: one line per report, append-only."""
        return self._artifact("metrics", job_id, ".jsonl")

    def log(self, job_id: str) -> Path:
        """Path of the log: the output of the trainer."""
        return self._artifact("logs", job_id, ".log")

    def exit(self, job_id: str) -> Path:
        """Path of the exit file: how the latest attempt ended."""
        return self._artifact("exits", job_id, ".json")

    def reporter_lock(self, job_id: str) -> Path:
        """Path of the lock file that decides which process of the job reports. Removed at the end of the attempt."""
        return self._artifact("staging", job_id, ".reporter")

    def peak_memory(self, job_id: str) -> Path:
        """Path of the file with the measured peak memory. Removed by the supervisor at the end of the attempt."""
        return self._artifact("staging", job_id, ".memory")

    def outputs(self, job_id: str) -> Path:
        """Folder for the files that a script of the user writes."""
        return self.path / "artifacts" / "outputs" / _checked(job_id)

    def provenance(self, job_id: str) -> Path:
        """Path of the provenance file: script, arguments, versions and machine of the latest attempt."""
        return self._artifact("provenance", job_id, ".json")

    def evaluation(self, job_id: str) -> Path:
        """Path of the evaluation file: the quality of the model."""
        return self._artifact("evaluations", job_id, ".json")

    @property
    def staging(self) -> Path:
        """Folder for temporary files before they are renamed."""
        return self.path / "artifacts" / "staging"

    @property
    def datasets(self) -> Path:
        """Folder of the datasets."""
        return self.path / "datasets"

    def checkpoint(self, job_id: str, simulation: bool = False) -> Path:
        """Path of the trained model (``.pt``), or of the placeholder of a simulation (``.txt``)."""
        return self.path / "models" / (_checked(job_id) + (".txt" if simulation else ".pt"))

    def _artifact(self, folder: str, job_id: str, suffix: str) -> Path:
        return self.path / "artifacts" / folder / (_checked(job_id) + suffix)


def write_json_atomically(
    home: Home, job_id: str, path: str | os.PathLike[str], value: object, sync: bool = False
) -> None:
    """Replace ``path`` with ``value`` as JSON, by writing a temporary file and renaming it.

    NaN and infinity are written as by ``encode_json``.

    Args:
        sync: fsync before the rename, for files that must survive a power failure (exit and terminal status files).

    Raises:
        OSError: the disk is full or the folder is not writable. The old file is unchanged.
    """
    ReplacedFile(home, job_id, path).replace(encode_json(value), sync)


class ReplacedFile:
    """A file that is replaced atomically, again and again by one process: the name of its temporary file is kept.

    Args:
        path: the file.
    """

    def __init__(self, home: Home, job_id: str, path: str | os.PathLike[str]) -> None:
        self._path = os.fspath(path)
        self._staged = os.fspath(home.staging / f"{_checked(job_id)}.{os.urandom(6).hex()}")

    def replace(self, data: bytes, sync: bool = False) -> None:
        """Write the new content to a temporary file and rename it: see ``write_json_atomically``.

        Raises:
            OSError: the disk is full or the folder is not writable. The old file is unchanged.
        """
        try:
            _stage_and_rename(self._staged, self._path, data, sync)
        except FileNotFoundError:  # first write in a new home folder
            os.makedirs(os.path.dirname(self._staged), exist_ok=True)
            os.makedirs(os.path.dirname(self._path), exist_ok=True)
            _stage_and_rename(self._staged, self._path, data, sync)


def encode_json(value: object) -> bytes:
    """Encode ``value`` as compact JSON; NaN and infinity become the texts "NaN", "Infinity" and "-Infinity"."""
    try:
        text = _ENCODER.encode(value)
    except ValueError:
        text = _ENCODER.encode(_with_texts(value))
    return text.encode()


def read_json(path: str | os.PathLike[str]) -> dict[str, Any] | None:
    """Read a JSON object; None if the file is missing, not a regular file, too large, or not a JSON object."""
    try:
        # Without O_NONBLOCK, opening a FIFO would block.
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            if not stat.S_ISREG(os.fstat(fd).st_mode):
                return None
            data = os.read(fd, MAX_DOCUMENT_BYTES + 1)
        finally:
            os.close(fd)
    except OSError:
        return None
    if len(data) > MAX_DOCUMENT_BYTES:
        return None
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _stage_and_rename(staged: str, path: str, data: bytes, sync: bool) -> None:
    fd = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        try:
            rest = memoryview(data)
            while rest:  # a nearly full disk writes a part, and fails at the next call
                rest = rest[os.write(fd, rest) :]
            if sync:
                os.fsync(fd)
        finally:
            os.close(fd)
        os.rename(staged, path)
    except BaseException:
        os.unlink(staged)
        raise


def _with_texts(value: object) -> object:
    if isinstance(value, float):
        if math.isnan(value):
            return "NaN"
        return value if math.isfinite(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, dict):
        return {key: _with_texts(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_with_texts(item) for item in value]
    return value


def _checked(job_id: str) -> str:
    if not _JOB_ID.fullmatch(job_id):
        raise ValueError(f"{job_id!r} is not a job id: use letters, digits, '_' and '-' only.")
    return job_id
