"""Read lines of UTF-8 text from an untrusted file: plain or gzip, with or without a BOM. Rejects everything else."""

from __future__ import annotations

import gzip
import re
import stat
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from math import inf
from pathlib import Path
from typing import IO, cast

from trainyard.data.errors import InvalidDatasetError

# Without this limit, a file without newlines would be read into memory as a whole.
MAX_LINE_BYTES = 16 * 1024 * 1024

_PIECE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|\Z)")
_GZIP_MAGIC = b"\x1f\x8b"
_UTF8_BOM = b"\xef\xbb\xbf"
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")
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
# Bytes that do not occur in text of any encoding.
_CONTROL = bytes({*range(0x20), 0x7F} - set(b"\t\n\v\f\r\x1b"))


@dataclass
class Head:
    """A limit on reading: about `size` bytes of uncompressed text and `lines` lines, cut between two lines.

    `cut` is True if the file continued after the limit in the most recent read.
    """

    size: int
    lines: float = inf
    cut: bool = False


def is_gzip(path: Path) -> bool:
    """Whether the content is gzip; the file name is ignored."""
    with path.open("rb") as file:
        return file.read(2) == _GZIP_MAGIC


def read_lines(path: Path, head: Head | None = None) -> Iterator[tuple[int, str]]:
    """Yield (line number from 1, text with its line end) in constant memory, up to the limit `head`.

    Raises:
        InvalidDatasetError: not UTF-8 text: a folder, a device, a binary file, damaged gzip, or another encoding.
    """
    number = 0
    taken = 0
    if head is not None:
        head.cut = False
    try:
        with _open(path) as file:
            for raw in iter(partial(file.readline, MAX_LINE_BYTES + 1), b""):
                if head is not None and taken >= head.size:
                    head.cut = True
                    return
                taken += len(raw)
                if number == 0:
                    raw = _without_bom(raw, path)
                if len(raw) > MAX_LINE_BYTES:
                    raise InvalidDatasetError(
                        f"the line is longer than the limit of {MAX_LINE_BYTES // 2**20} MiB for a table row.",
                        path=path,
                        line=number + 1,
                    )
                text = _decode(raw, path, number + 1)
                # Old Mac line ends, or a carriage return inside a quoted field: the csv module rejoins the latter.
                for part in _split_carriage_returns(text) if "\r" in text[:-2] else (text,):
                    if head is not None and number >= head.lines:
                        head.cut = True
                        return
                    number += 1
                    yield number, part
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InvalidDatasetError(
            f"the gzip data is damaged or truncated ({error}). Compress or download the file again.",
            path=path,
            line=number + 1,
        ) from error
    except OSError as error:
        raise InvalidDatasetError(f"cannot read the file: {error.strerror or error}.", path=path) from error


def _open(path: Path) -> IO[bytes]:
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise InvalidDatasetError("this is a folder; expected a CSV, TSV or JSONL file.", path=path)
    if not stat.S_ISREG(mode):
        raise InvalidDatasetError("not a regular file; expected a CSV, TSV or JSONL file.", path=path)
    compressed = is_gzip(path)
    if path.suffix == ".gz" and not compressed and path.stat().st_size > 0:
        raise InvalidDatasetError("the name ends in .gz, but the content is not gzip data. Rename the file.", path=path)
    return cast("IO[bytes]", gzip.open(path, "rb")) if compressed else path.open("rb")


def _without_bom(raw: bytes, path: Path) -> bytes:
    """Return the first line without a byte order mark. Raises InvalidDatasetError for known binary formats."""
    for magic, what in _MAGICS.items():
        if raw.startswith(magic):
            raise InvalidDatasetError(f"this is {what}, not text. Export it as CSV or JSONL.", path=path)
    if raw.startswith(_UTF16_BOMS):
        raise InvalidDatasetError("the text is encoded as UTF-16. Save it as UTF-8.", path=path, line=1)
    return raw.removeprefix(_UTF8_BOM)


def _decode(raw: bytes, path: Path, number: int) -> str:
    zero = raw.find(b"\0")
    if zero >= 0:
        raise InvalidDatasetError(
            f"binary file (byte {zero + 1} is zero); expected UTF-8 text (CSV, TSV or JSONL).",
            path=path,
            line=number,
        )
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        if raw.translate(None, _CONTROL) != raw:
            raise InvalidDatasetError(
                "binary file; expected UTF-8 text (CSV, TSV or JSONL).", path=path, line=number
            ) from error
        raise InvalidDatasetError(
            f"byte {error.start + 1} of the line (0x{raw[error.start]:02X}) is not valid UTF-8. "
            "Save the file as UTF-8; its current encoding may be Latin-1 or Windows-1252.",
            path=path,
            line=number,
        ) from error


def _split_carriage_returns(text: str) -> Iterator[str]:
    # A generator: a line of 16 MiB can contain as many carriage returns. str.splitlines() would also split at U+2028
    # and similar characters, which are ordinary characters in a table.
    for match in _PIECE.finditer(text):
        if match[0]:
            yield match[1] + "\n" if match[2] else match[1]
