"""Parse a block of complete rows of delimited text with Polars, after checking that it is regular."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

_SURROGATE = re.compile("[\ud800-\udfff]")
_NEWLINE, _QUOTE, _SPACE = b'\n" '
_EDGES = (b" \n", b"\n ", b' "', b'" ')
_RARE_SPACES = (b"\v", b"\f", b"\t", b"\x1c", b"\x1d", b"\x1e", b"\x1f")


Lines = Sequence[int] | npt.NDArray[np.int64]


@dataclass(frozen=True)
class Block:
    """Consecutive rows: stripped cells as strings, None for an empty one, and the line on which each row starts."""

    frame: pl.DataFrame
    lines: Lines

    def line(self, row: int) -> int:
        """Return the line on which a row of this block starts."""
        return int(self.lines[row])


def parse_block(
    data: bytes, delimiter: str, names: Sequence[str], first: int, columns: Sequence[str] | None = None
) -> Block | None:
    """Return the rows of `data`, or None if it is irregular: the exact scanner must then read it.

    Irregular are rows with too few or too many cells, quotes inside a value or unbalanced, and bytes that are not UTF-8
    text. Polars would fill short rows silently, so all cells are counted.

    Args:
        data: complete rows, each with a line feed at its end.
        names: all columns of the file.
        first: line number of the first row.
        columns: the columns to return; default: all.
    """
    if b"\0" in data or not (data.isascii() or _is_utf8(data)):
        return None
    lines: Lines
    if b'"' in data or data.startswith(b"\n") or b"\n\n" in data:
        regular = _clean(data, delimiter, len(names), first)
        if regular is None:
            return None
        data, lines = regular
    else:
        rows = data.count(b"\n")
        if data.count(delimiter.encode()) != rows * (len(names) - 1):
            return None
        lines = range(first, first + rows)
    try:
        frame = pl.read_csv(
            data,
            has_header=False,
            schema=dict.fromkeys(names, pl.String),
            separator=delimiter,
            quote_char='"',
        )
    except pl.exceptions.PolarsError:
        return None
    if frame.height != len(lines):
        return None
    if columns is not None:
        frame = frame.select(columns)
    spaced = len(lines) < data.count(b"\n") or _has_spaces(data, delimiter)
    if spaced:
        frame = frame.with_columns(pl.all().str.strip_chars())
    if spaced or b'""' in data:
        frame = frame.with_columns(pl.all().replace("", None))
    return Block(frame, lines)


def block_of(
    rows: Sequence[tuple[int, Sequence[str]]], names: Sequence[str], columns: Sequence[str] | None = None
) -> Block:
    """Return scanned rows, each with its line, as a block. See `parse_block`."""
    lines, records = zip(*rows)
    wanted = None if columns is None else set(columns)
    series = [
        _series(name, [cell.strip() or None for cell in cells])
        for name, cells in zip(names, zip(*records))
        if wanted is None or name in wanted
    ]
    return Block(pl.DataFrame(series), lines)


def _series(name: str, cells: list[str | None]) -> pl.Series:
    try:
        return pl.Series(name, cells, dtype=pl.String)
    except UnicodeEncodeError:  # JSON can contain a lone surrogate
        valid = [None if cell is None else _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", cell) for cell in cells]
        return pl.Series(name, valid, dtype=pl.String)


def record_end(data: bytes) -> int:
    """Return the length of all complete rows at the start of `data`: up to the last line feed outside quotes."""
    if b'"' not in data:
        return data.rfind(b"\n") + 1
    buffer = np.frombuffer(data, dtype=np.uint8)
    ends = np.flatnonzero((buffer == _NEWLINE) & (_inside(buffer) == 0))
    return int(ends[-1]) + 1 if len(ends) else 0


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _inside(buffer: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return 1 for each byte after an odd number of quotes, counting its own: inside a quoted value."""
    return np.bitwise_xor.accumulate((buffer == _QUOTE).view(np.uint8))


def _clean(data: bytes, delimiter: str, columns: int, first: int) -> tuple[bytes, npt.NDArray[np.int64]] | None:
    """Return `data` without blank lines and without spaces before quotes, and the line of each row.

    None if a quote is at another place than around a whole value, or if the number of cells is wrong.
    """
    buffer = np.frombuffer(data, dtype=np.uint8)
    separator = ord(delimiter)
    inside = _inside(buffer)
    if inside[-1]:
        return None
    newline = buffer == _NEWLINE
    drop = np.zeros(len(buffer), dtype=np.bool_)
    quotes = np.flatnonzero(buffer == _QUOTE)
    if len(quotes) and not _are_regular(buffer, quotes, separator, drop):
        return None
    row_end = newline & (inside == 0)
    before = np.concatenate([[True], row_end[:-1]])
    blank = row_end & before
    drop |= blank
    rows = int(np.count_nonzero(row_end)) - int(np.count_nonzero(blank))
    if np.count_nonzero((buffer == separator) & (inside == 0)) != rows * (columns - 1):
        return None
    # The line of a row is the number of line feeds before its first byte.
    starts = np.flatnonzero(before & ~blank)
    lines = np.cumsum(newline, dtype=np.int64)[starts] + first
    return (buffer[~drop].tobytes() if drop.any() else data), lines


def _are_regular(
    buffer: npt.NDArray[np.uint8], quotes: npt.NDArray[np.intp], separator: int, drop: npt.NDArray[np.bool_]
) -> bool:
    """Whether each quote starts or ends a value, or is doubled. Marks spaces before a value's first quote in `drop`."""
    edge = np.zeros(256, dtype=np.bool_)
    edge[[separator, _NEWLINE, _QUOTE]] = True
    padded = np.concatenate([[_NEWLINE], buffer, [_NEWLINE]])
    opening, closing = quotes[::2], quotes[1::2]
    if not edge[padded[closing + 2]].all():
        return False
    at = opening[~edge[padded[opening]]]
    edge[_QUOTE] = False
    while len(at):
        if not (padded[at] == _SPACE).all():
            return False
        drop[at - 1] = True
        at = at - 1
        at = at[~edge[padded[at]]]
    return True


def _has_spaces(data: bytes, delimiter: str) -> bool:
    """Whether a cell may start or end with white space; a line feed inside quotes is not looked for."""
    mark = delimiter.encode()
    spaces = (*_EDGES, mark + b" ", b" " + mark, *(space for space in _RARE_SPACES if space != mark))
    return (
        not data.isascii()
        or data.startswith(b" ")
        or (mark == b"\t" and b'"' in data)
        or any(space in data for space in spaces)
    )
