"""Turn an array of flat JSON objects into lines with one object each, which Polars parses fast."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from trainyard.data.json_document import find_rows

_QUOTE, _OPEN, _CLOSE, _ARRAY, _END, _COMMA, _NEWLINE = b'"{}[],\n'
# Several copies of the text are in memory at the same time.
_MAX_BYTES = 256 << 20


def _is_one_of(characters: bytes) -> npt.NDArray[np.bool_]:
    """Return for each byte whether it is one of these."""
    return np.isin(np.arange(256), np.frombuffer(characters, dtype=np.uint8))


_IS_SPACE, _IS_STRUCTURAL = _is_one_of(b" \t\n\r"), _is_one_of(b'{}[],:"')


@dataclass(frozen=True)
class ArrayLines:
    """The objects of an array: `data` has a line for each, and `lines` are the lines of the file where they start.

    `notes` say which other arrays of the document are not read.
    """

    data: bytes
    lines: npt.NDArray[np.int64]
    notes: tuple[str, ...] = ()


def read_array(path: Path, encoding: str | None = None) -> ArrayLines | None:
    """Return the array of flat objects of a document; None if the exact reader must read it.

    Raises:
        InvalidDatasetError: the text is not JSON, or too large.
    """
    found = find_rows(path, None, encoding)
    if found is None:
        return None
    text, start, notes = found
    data = text[start:].encode()
    array = split_objects(data, text.count("\n", 0, start) + 1) if len(data) <= _MAX_BYTES else None
    return None if array is None else replace(array, notes=tuple(notes))


def split_objects(data: bytes, line: int) -> ArrayLines | None:
    """Return the objects of an array; None if they are nested, or not JSON.

    Args:
        data: text that starts with the array. What follows it is ignored.
        line: the line of the file on which it starts.
    """
    # Of the same length, without quotes that do not end a text.
    plain = data.replace(b"\\\\", b"__").replace(b'\\"', b"__") if b"\\" in data else data
    buffer = np.frombuffer(plain, dtype=np.uint8)
    outside = np.bitwise_xor.accumulate((buffer == _QUOTE).view(np.uint8)) == 0
    ends = np.flatnonzero((buffer == _END) & outside)
    if not len(ends):
        return None
    buffer, outside = buffer[: ends[0] + 1], outside[: ends[0] + 1]
    space = _IS_SPACE[buffer] & outside
    # Two values with only spaces between them are invalid JSON: do not join them.
    before, after = np.flatnonzero(space[1:] & ~space[:-1]), np.flatnonzero(space[:-1] & ~space[1:]) + 1
    if not (_IS_STRUCTURAL[buffer[before]] | _IS_STRUCTURAL[buffer[after]]).all():
        return None
    compact, is_mark = buffer[~space], outside[~space]
    opens, closes = np.flatnonzero((compact == _OPEN) & is_mark), np.flatnonzero((compact == _CLOSE) & is_mark)
    if len(opens) == 0 or len(opens) != len(closes) or opens[0] != 1 or closes[-1] != len(compact) - 2:
        return None
    commas = closes[:-1] + 1
    if (opens[1:] != commas + 1).any() or (compact[commas] != _COMMA).any():
        return None
    if np.count_nonzero((compact == _ARRAY) & is_mark) != 1:
        return None
    written = np.frombuffer(data, dtype=np.uint8)[: len(space)][~space]
    written[commas] = _NEWLINE
    starts = np.flatnonzero((buffer == _OPEN) & outside)
    lines = np.searchsorted(np.flatnonzero(buffer == _NEWLINE), starts) + line
    return ArrayLines(written[1:-1].tobytes() + b"\n", lines.astype(np.int64))
