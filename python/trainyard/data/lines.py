"""Read lines of UTF-8 text from an untrusted file, in constant memory."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO

from trainyard.data.encoding_hint import encoding_hint, encoding_option
from trainyard.data.errors import InvalidDatasetError
from trainyard.data.source import Head, open_text

# Without this limit, a file without newlines would be read into memory as a whole.
MAX_LINE_BYTES = 16 * 1024 * 1024

_PIECE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|\Z)")
# Bytes that do not occur in text of any encoding.
_CONTROL = bytes({*range(0x20), 0x7F} - set(b"\t\n\v\f\r\x1b"))


def read_lines(path: Path, head: Head | None = None, encoding: str | None = None) -> Iterator[tuple[int, str]]:
    """Yield (line number from 1, text with its line end) in constant memory, up to the limit `head`.

    Args:
        encoding: see `open_text`.

    Raises:
        InvalidDatasetError: not UTF-8 text: a folder, a device, a binary file, damaged gzip, or another encoding.
    """
    if head is not None:
        head.cut = False
    number = 0
    with reporting_damage(path, lambda: number + 1), open_text(path, encoding) as (file, _):
        for number, text in decode_lines(limited_lines(file, head), path, 1):
            if head is not None and number > head.lines:
                head.cut = True
                return
            yield number, text


def read_start(path: Path, size: int, encoding: str | None = None) -> str:
    """Return about the first `size` bytes as text without space at its start. Bytes that are not UTF-8 are replaced."""
    with reporting_damage(path, lambda: 1), open_text(path, encoding) as (file, _):
        return file.read(size).decode("utf-8", "replace").lstrip()


def limited_lines(file: IO[bytes], head: Head | None, taken: int = 0) -> Iterator[bytes]:
    """Yield raw lines up to the limit `head`, of which `taken` bytes are already used."""
    for raw in iter(partial(file.readline, MAX_LINE_BYTES + 1), b""):
        if head is not None and taken >= head.size:
            head.cut = True
            return
        taken += len(raw)
        yield raw


def decode_lines(raws: Iterable[bytes], path: Path, first: int) -> Iterator[tuple[int, str]]:
    """Yield (line number, text with its line end) for raw lines, which start at line `first`.

    Raises:
        InvalidDatasetError: a line is too long, binary, or not valid UTF-8.
    """
    number = first - 1
    for raw in raws:
        if len(raw) > MAX_LINE_BYTES:
            raise InvalidDatasetError(
                f"the line is longer than the limit of {MAX_LINE_BYTES // 2**20} MiB for a table row.",
                path=path,
                line=number + 1,
            )
        text = _decode(raw, path, number + 1)
        # Old Mac line ends, or a carriage return inside a quoted field: the csv module rejoins the latter.
        inner = text[:-2] if text.endswith("\r\n") else text
        for part in _split_carriage_returns(text) if "\r" in inner else (text,):
            number += 1
            yield number, part


@contextmanager
def reporting_damage(path: Path, line: Callable[[], int]) -> Iterator[None]:
    """Raise damaged gzip data inside the block as an InvalidDatasetError. `line()` returns the current line number."""
    try:
        yield
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InvalidDatasetError(
            f"the gzip data is damaged or truncated ({error}). Compress or download the file again.",
            path=path,
            line=line(),
        ) from error


def decode_text(raw: bytes, path: Path) -> str:
    """Decode a whole text. Raises InvalidDatasetError with the line of the first byte that is not UTF-8 text."""
    try:
        if b"\0" not in raw:
            return raw.decode("utf-8")
        bad = raw.index(b"\0")
    except UnicodeDecodeError as error:
        bad = error.start
    start = raw.rfind(b"\n", 0, bad) + 1
    end = raw.find(b"\n", bad)
    return _decode(raw[start : end if end >= 0 else len(raw)], path, raw.count(b"\n", 0, bad) + 1)


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
            f"byte {error.start + 1} of the line (0x{raw[error.start]:02X}{_after(raw[: error.start])}) is not valid "
            "UTF-8. "
            f"Save the file as UTF-8; its current encoding may be {encoding_hint(raw)}. "
            f'Or, for the trainer tabular, set the option encoding to another, such as "{encoding_option(raw)}".',
            path=path,
            line=number,
            option="encoding",
        ) from error


def _split_carriage_returns(text: str) -> Iterator[str]:
    # A generator: a line of 16 MiB can contain as many carriage returns. str.splitlines() would also split at U+2028
    # and similar characters, which are ordinary characters in a table.
    for match in _PIECE.finditer(text):
        if match[0]:
            yield match[1] + "\n" if match[2] else match[1]


def _after(valid: bytes) -> str:
    """Return where in a line something is, by the characters before it."""
    return f", after {valid.decode('utf-8')[-30:]!r}" if valid else ""
