"""Open an untrusted file as UTF-8 text: plain or gzip, with or without a BOM, UTF-16 with one, or a given encoding."""

from __future__ import annotations

import codecs
import gzip
import io
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import IO, Any, cast

from trainyard.data.errors import InvalidDatasetError
from trainyard.data.read_options import ENCODINGS

_GZIP_MAGIC = b"\x1f\x8b"
_UTF8_BOM = b"\xef\xbb\xbf"
_UTF16_BOMS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_MAGICS = {
    b"PK\x03\x04": "a zip archive or an Excel workbook",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"PAR1": "a Parquet file",
    b"SQLite format 3": "an SQLite database",
    b"%PDF": "a PDF",
    b"\x28\xb5\x2f\xfd": "compressed with zstd",
    b"BZh": "compressed with bzip2",
    b"\xfd7zXZ": "compressed with xz",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"\x89HDF": "an HDF5 file",
    b"\x93NUMPY": "a NumPy array",
}
_HTML = (b"<!doctype html", b"<html")


@dataclass
class Head:
    """A limit on reading: about `size` bytes of uncompressed text and `lines` lines, cut between two rows.

    `cut` is True if the file continued after the limit in the most recent read.
    """

    size: int
    lines: float = inf
    cut: bool = False


def is_gzip(path: Path) -> bool:
    """Whether the content is gzip; the file name is ignored."""
    with path.open("rb") as file:
        return file.read(2) == _GZIP_MAGIC


def is_parquet(path: Path) -> bool:
    """Whether the content is Parquet; the file name is ignored."""
    with path.open("rb") as file:
        return file.read(4) == b"PAR1"


@contextmanager
def open_text(path: Path, encoding: str | None = None) -> Iterator[tuple[io.BufferedReader[Any], str]]:
    """Yield the uncompressed content as UTF-8 without a BOM, not yet checked for validity, and its original encoding.

    Args:
        encoding: a key of ENCODINGS. A byte order mark overrides it.

    Raises:
        InvalidDatasetError: a folder, a device, or a known binary format; inside the block: a read error.
    """
    try:
        with _open(path) as file:
            start = file.peek(16)[:16]
            for magic, what in _MAGICS.items():
                if start.startswith(magic):
                    raise InvalidDatasetError(f"this is {what}, not text. Export it as CSV or JSONL.", path=path)
            if start.lstrip().lower().startswith(_HTML):
                raise InvalidDatasetError(
                    "this is an HTML page, not a table. Download the file that the page offers, or export its table "
                    "as CSV.",
                    path=path,
                )
            marked = _UTF16_BOMS.get(start[:2])
            if marked is not None:
                file.read(2)
                with io.BufferedReader(_Transcoded(file, marked, "UTF-16", path)) as text:
                    yield text, "UTF-16"
            elif start.startswith(_UTF8_BOM) or encoding in (None, "utf-8"):
                file.read(len(_UTF8_BOM) if start.startswith(_UTF8_BOM) else 0)
                yield file, "UTF-8"
            else:
                with io.BufferedReader(_Transcoded(file, ENCODINGS[str(encoding)], str(encoding), path)) as text:
                    yield text, str(encoding)
    except OSError as error:
        if isinstance(error, gzip.BadGzipFile):
            raise
        raise InvalidDatasetError(f"cannot read the file: {error.strerror or error}.", path=path) from error


def _open(path: Path) -> io.BufferedReader[Any]:
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise InvalidDatasetError("this is a folder; expected a CSV, TSV or JSONL file.", path=path)
    if not stat.S_ISREG(mode):
        raise InvalidDatasetError("not a regular file; expected a CSV, TSV or JSONL file.", path=path)
    compressed = is_gzip(path)
    if path.suffix == ".gz" and not compressed and path.stat().st_size > 0:
        raise InvalidDatasetError("the name ends in .gz, but the content is not gzip data. Rename the file.", path=path)
    if compressed:
        # The declared interface of GzipFile lacks parts that BufferedReader does not use.
        return io.BufferedReader(cast(io.RawIOBase, gzip.open(path, "rb")))
    return path.open("rb")


class _Transcoded(io.RawIOBase):
    """A file in another encoding, read as UTF-8."""

    def __init__(self, file: IO[bytes], codec: str, name: str, path: Path) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder(codec)()
        self._name = name
        self._path = path
        self._left = b""
        self._line = 1

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._left:
            raw = self._file.read(len(buffer))
            try:
                text = self._decoder.decode(raw, final=not raw)
            except UnicodeDecodeError as error:
                raise self._invalid(error) from error
            # A lone surrogate is valid neither in UTF-16 nor in UTF-8.
            self._left = text.encode("utf-8")
            self._line += self._left.count(b"\n")
            if not raw:
                break
        size = min(len(buffer), len(self._left))
        buffer[:size] = self._left[:size]
        self._left = self._left[size:]
        return size

    def _invalid(self, error: UnicodeDecodeError) -> InvalidDatasetError:
        if self._name == "UTF-16":
            return InvalidDatasetError(
                f"the text starts with the mark of UTF-16, but is not valid UTF-16 ({error.reason}). Save it as UTF-8.",
                path=self._path,
            )
        return InvalidDatasetError(
            f"0x{error.object[error.start]:02X} is not valid in the encoding {self._name}. Set the option encoding to "
            "that of the file, or save the file as UTF-8 and leave out the option.",
            path=self._path,
            line=self._line + error.object.count(b"\n", 0, error.start),
            option="encoding",
        )
