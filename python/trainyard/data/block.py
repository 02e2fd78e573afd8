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
_SPACES = (b" ", b"\t", b"\v", b"\f", b"\x1c", b"\x1d", b"\x1e", b"\x1f")


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
    newlines = data.count(b"\n")
    # A blank line has no delimiter, so that it makes the number of cells wrong, unless there is one column.
    plain = b'"' not in data and data.count(delimiter.encode()) == newlines * (len(names) - 1)
    if plain and (len(names) > 1 or not (data.startswith(b"\n") or b"\n\n" in data)):
        lines = range(first, first + newlines)
    else:
        regular = _clean(data, delimiter, len(names), first)
        if regular is None:
            return None
        data, lines = regular
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
    if len(lines) < newlines or _has_spaces(data, delimiter):
        stripped = pl.all().str.strip_chars()
        frame = frame.with_columns(pl.when(stripped.str.len_bytes() > 0).then(stripped))
    elif b'""' in data:
        frame = frame.with_columns(pl.when(pl.all().str.len_bytes() > 0).then(pl.all()))
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
    quotes = np.flatnonzero(buffer == _QUOTE)
    spaces = _spaces_before_quotes(buffer, quotes, separator)
    if spaces is None:
        return None
    newlines = np.flatnonzero(buffer == _NEWLINE)
    ends = np.flatnonzero(inside[newlines] == 0)  # in `newlines`: those outside of quotes
    row_ends = newlines[ends]
    blank = np.diff(row_ends, prepend=-1) == 1
    rows = len(row_ends) - int(np.count_nonzero(blank))
    if np.count_nonzero((buffer == separator) & (inside == 0)) != rows * (columns - 1):
        return None
    # A row starts on the line after the previous row or blank line.
    starts = np.concatenate([[0], ends[:-1] + 1])[~blank] + first if len(ends) else ends
    dropped = np.concatenate([row_ends[blank], *spaces])
    return (np.delete(buffer, dropped).tobytes() if len(dropped) else data), starts


def _spaces_before_quotes(
    buffer: npt.NDArray[np.uint8], quotes: npt.NDArray[np.intp], separator: int
) -> list[npt.NDArray[np.intp]] | None:
    """Return the positions of spaces between a delimiter and a quote; None if a quote is inside of a value.

    Each quote must start or end a value, or be doubled.
    """
    edge = np.zeros(256, dtype=np.bool_)
    edge[[separator, _NEWLINE, _QUOTE]] = True
    opening, closing = quotes[::2], quotes[1::2]
    # The data ends with a line feed, so that a closing quote is never the last byte.
    if not edge[buffer[closing + 1]].all():
        return None
    spaces: list[npt.NDArray[np.intp]] = []
    at = opening[opening > 0] - 1
    at = at[~edge[buffer[at]]]
    edge[_QUOTE] = False
    while len(at):
        if not (buffer[at] == _SPACE).all():
            return None
        spaces.append(at)
        at = at[at > 0] - 1
        at = at[~edge[buffer[at]]]
    return spaces


def _has_spaces(data: bytes, delimiter: str) -> bool:
    """Whether a cell may start or end with white space; a line feed inside quotes is not looked for."""
    mark = delimiter.encode()
    if mark == b"\t" and b'"' in data:
        return True
    # Looking for two bytes takes longer than stripping all cells.
    return not data.isascii() or any(space in data for space in _SPACES if space != mark)
