"""Lines of text out of a file that may be anything: plain or gzip, with or without a BOM, or no text at all."""

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

# A longer line is no table: without a limit, a file without a newline would be read into memory whole.
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
# Bytes that no text has, whatever its encoding.
_CONTROL = bytes({*range(0x20), 0x7F} - set(b"\t\n\v\f\r\x1b"))


@dataclass
class Head:
    """The beginning of a file: at most about `size` bytes of text, unpacked, and `lines` of it, cut between two lines.

    `cut` says of the newest reading whether there was more.
    """

    size: int
    lines: float = inf
    cut: bool = False


def is_gzip(path: Path) -> bool:
    """Whether the content is gzip, whatever the name says."""
    with path.open("rb") as file:
        return file.read(2) == _GZIP_MAGIC


def read_lines(path: Path, head: Head | None = None) -> Iterator[tuple[int, str]]:
    """Yield (line number from 1, text with its line end) in constant memory; what lies behind `head` is not read.

    Raises InvalidDatasetError for whatever is not UTF-8 text: a folder, a device, a binary file, broken gzip,
    another encoding (with line and byte).
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
                        f"the line is longer than {MAX_LINE_BYTES // 2**20} MiB; a row of a table was expected.",
                        path=path,
                        line=number + 1,
                    )
                text = _decode(raw, path, number + 1)
                # Old Mac line ends, or a carriage return inside a quoted field: the csv module joins the latter.
                for part in _split_carriage_returns(text) if "\r" in text[:-2] else (text,):
                    if head is not None and number >= head.lines:
                        head.cut = True
                        return
                    number += 1
                    yield number, part
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InvalidDatasetError(
            f"the gzip data is damaged or cut off ({error}). Compress or download the file again.",
            path=path,
            line=number + 1,
        ) from error
    except OSError as error:
        raise InvalidDatasetError(f"the file cannot be read: {error.strerror or error}.", path=path) from error


def _open(path: Path) -> IO[bytes]:
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise InvalidDatasetError("this is a folder; a CSV, TSV or JSONL file was expected.", path=path)
    if not stat.S_ISREG(mode):
        raise InvalidDatasetError("this is not a regular file; a CSV, TSV or JSONL file was expected.", path=path)
    compressed = is_gzip(path)
    if path.suffix == ".gz" and not compressed and path.stat().st_size > 0:
        raise InvalidDatasetError("the name ends in .gz, but this is not gzip data. Rename it.", path=path)
    return cast("IO[bytes]", gzip.open(path, "rb")) if compressed else path.open("rb")


def _without_bom(raw: bytes, path: Path) -> bytes:
    """The first line without a byte order mark, once it is sure that this is no well-known binary format."""
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
            f"byte {zero + 1} is zero, so this is a binary file; UTF-8 text (CSV, TSV or JSONL) was expected.",
            path=path,
            line=number,
        )
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        if raw.translate(None, _CONTROL) != raw:
            raise InvalidDatasetError(
                "this is a binary file; UTF-8 text (CSV, TSV or JSONL) was expected.", path=path, line=number
            ) from error
        raise InvalidDatasetError(
            f"byte {error.start + 1} of the line (0x{raw[error.start]:02X}) is not valid UTF-8. "
            "Save the file as UTF-8; it may be Latin-1 or Windows-1252 now.",
            path=path,
            line=number,
        ) from error


def _split_carriage_returns(text: str) -> Iterator[str]:
    # One by one: a line of 16 MiB can hold as many carriage returns. str.splitlines() would also cut at U+2028 and the
    # like, which are ordinary characters in a table.
    for match in _PIECE.finditer(text):
        if match[0]:
            yield match[1] + "\n" if match[2] else match[1]
