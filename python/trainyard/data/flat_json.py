"""Parse lines of flat JSON objects with Polars, after checking that it gives what the exact reader gives.

Polars fills keys that are absent and ignores those that it does not expect, so that the structure is checked before:
all lines have the same keys in the same order, no nesting, and each value has the type of its column.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

_NEWLINE, _QUOTE, _COLON, _OPEN, _CLOSE, _ARRAY, _SPACE = b'\n":{}[ '
# Polars replaces half of a surrogate pair by NUL.
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
# The characters that str.strip() removes; the default of Polars lacks the separators 1C to 1F.
_SPACES = "".join(character for character in map(chr, range(0x3001)) if character.isspace())
_MAX_INT = 2.0**63


def _table(first: bytes) -> npt.NDArray[np.bool_]:
    allowed = np.zeros(256, dtype=np.bool_)
    allowed[np.frombuffer(first + b"n", dtype=np.uint8)] = True  # n of null
    return allowed


_FIRST_BYTES: dict[pl.DataType, npt.NDArray[np.bool_]] = {
    pl.String(): _table(b'"'),
    pl.Boolean(): _table(b"tf"),
    pl.Int64(): _table(b"-0123456789"),
    pl.Float64(): _table(b"-0123456789"),
}


def parse_flat_json(data: bytes, schema: dict[str, pl.DataType]) -> pl.DataFrame | None:
    """Return the objects of complete lines, or None if the exact reader must read them.

    Texts are stripped, and empty ones are null.

    Args:
        data: lines with an object each, and a line feed at the end of each.
        schema: all keys, in order, with the types of their values.
    """
    try:
        literals = [json.dumps(name, ensure_ascii=False).encode() for name in schema]
    except UnicodeEncodeError:
        return None
    if not schema or any(b"\\" in literal for literal in literals):
        return None
    if b"\r" in data or b"\0" in data or not _is_regular(data, literals, list(schema.values())):
        return None
    try:
        frame = pl.read_ndjson(io.BytesIO(data), schema=schema)
    except (pl.exceptions.PolarsError, UnicodeDecodeError):
        return None
    if frame.height != data.count(b"\n"):
        return None
    floats = frame.select(pl.col(pl.Float64).abs().max() >= _MAX_INT)
    if any(floats.row(0)) if floats.width else False:
        return None  # as whole numbers, they are exact in the other reader
    stripped = pl.col(pl.String).str.strip_chars(_SPACES)
    return frame.with_columns(pl.when(stripped.str.len_bytes() > 0).then(stripped))


def _is_regular(data: bytes, literals: Sequence[bytes], types: Sequence[pl.DataType]) -> bool:
    rows = data.count(b"\n")
    if b"\\" in data:
        if _SURROGATE.search(data):
            return False
        # Of the same length, without quotes that do not end a text.
        data = data.replace(b"\\\\", b"__").replace(b'\\"', b"__")
    if not data.isascii():
        try:
            data.decode("utf-8")
        except UnicodeDecodeError:
            return False
    buffer = np.frombuffer(data, dtype=np.uint8)
    outside = np.bitwise_xor.accumulate((buffer == _QUOTE).view(np.uint8)) == 0
    colons = np.flatnonzero((buffer == _COLON) & outside)
    newlines = np.flatnonzero(buffer == _NEWLINE)
    if len(colons) != rows * len(literals) or not outside[newlines].all():
        return False
    for mark, count in ((_OPEN, rows), (_CLOSE, rows), (_ARRAY, 0)):
        if np.count_nonzero((buffer == mark) & outside) != count:
            return False
    places = colons.reshape(rows, len(literals))
    if (places[:, -1] > newlines).any() or (places[1:, 0] < newlines[:-1]).any() or places[0, 0] <= len(literals[0]):
        return False
    return all(
        _has_key(buffer, places[:, position], literal) and _has_type(buffer, places[:, position], types[position])
        for position, literal in enumerate(literals)
    )


def _has_key(buffer: npt.NDArray[np.uint8], colons: npt.NDArray[np.intp], literal: bytes) -> bool:
    """Whether this key, with its quotes, is before each colon."""
    return all(bool((buffer[colons - len(literal) + offset] == byte).all()) for offset, byte in enumerate(literal))


def _has_type(buffer: npt.NDArray[np.uint8], colons: npt.NDArray[np.intp], dtype: pl.DataType) -> bool:
    """Whether each value starts like one of this type. A line ends after a brace, so that two bytes follow a colon."""
    first = buffer[colons + 1]
    first = np.where(first == _SPACE, buffer[colons + 2], first)
    return bool(_FIRST_BYTES[dtype][first].all())
