"""Read delimited text in blocks: fast while the rows are regular, exactly from the first irregular one on."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from trainyard.data.delimited import scan_rows
from trainyard.data.dialect import Dialect
from trainyard.data.lines import MAX_LINE_BYTES, decode_lines, limited_lines, read_lines, reporting_damage
from trainyard.data.polars_check import check_polars
from trainyard.data.source import Head, open_text

if TYPE_CHECKING:
    from trainyard.data.block import Block

Result = TypeVar("Result")
Lines = Iterator[tuple[int, str]]

# The first block is small, so that the first rows of a large file are read quickly.
_BLOCK_BYTES = (1 << 20, 8 << 20)
# Counting needs less memory with small blocks, and no time.
_COUNTED_BYTES = (1 << 16, 1 << 16)
# Polars needs some time for each column of a block, whatever the number of rows.
_MAX_FAST_COLUMNS = 10_000
_SCANNED_ROWS = 4096
_SCANNED_CELLS = 1024 * _SCANNED_ROWS


def _do_nothing() -> None:
    pass


def read_blocks(
    path: Path,
    dialect: Dialect,
    names: Sequence[str],
    head: Head | None = None,
    while_reading: Callable[[], None] = _do_nothing,
    columns: Sequence[str] | None = None,
) -> Iterator[Block]:
    """Yield all rows below the header, in blocks of some megabytes.

    Args:
        names: all columns of the file, in order.
        head: limits reading; a row that it cuts is left out.
        while_reading: called before each block; can raise to abort.
        columns: the columns to return, in the order of the file; default: all.

    Raises:
        InvalidDatasetError: a row is invalid; the message gives its line.
    """
    check_polars(path)
    from trainyard.data.block import block_of, parse_block, record_end

    def scan(lines: Lines) -> Iterator[Block]:
        rows = scan_rows(lines, dialect.delimiter, len(names), path, head)
        size = max(1, min(_SCANNED_ROWS, _SCANNED_CELLS // len(names)))
        while chunk := list(islice(rows, size)):
            yield block_of(chunk, names, columns)
            while_reading()

    if len(names) > _MAX_FAST_COLUMNS:
        while_reading()
        return scan(
            (number, text)
            for number, text in read_lines(path, head, dialect.encoding_option)
            if number >= dialect.first_line
        )
    return _read(
        path,
        dialect,
        lambda data, line: parse_block(data, dialect.delimiter, names, line, columns),
        record_end,
        scan,
        _BLOCK_BYTES,
        head,
        while_reading,
    )


def count_rows(path: Path, dialect: Dialect, columns: int, head: Head | None = None) -> int:
    """Return the number of rows below the header, in constant memory and without Polars.

    Raises:
        InvalidDatasetError: a row is invalid; the message gives its line.
    """
    mark = dialect.delimiter.encode()

    def count(data: bytes, _line: int) -> int | None:
        if b'"' in data or b"\0" in data:
            return None
        try:
            data.decode("utf-8")
        except UnicodeDecodeError:
            return None
        lines = data.split(b"\n")
        blank = lines.count(b"")
        # A row of a single column has no delimiter, like a blank line.
        cells = {line.count(mark) for line in lines if line}
        return len(lines) - blank if cells <= {columns - 1} else None

    def scan(lines: Lines) -> Iterator[int]:
        yield sum(1 for _ in scan_rows(lines, dialect.delimiter, columns, path, head))

    def end_of(data: bytes) -> int:
        return data.rfind(b"\n") + 1

    return sum(_read(path, dialect, count, end_of, scan, _COUNTED_BYTES, head, _do_nothing))


def _read(
    path: Path,
    dialect: Dialect,
    parse: Callable[[bytes, int], Result | None],
    end_of: Callable[[bytes], int],
    scan: Callable[[Lines], Iterator[Result]],
    block_bytes: tuple[int, int],
    head: Head | None,
    while_reading: Callable[[], None],
) -> Iterator[Result]:
    """Yield the result of `parse(complete rows, line)` for each block, and from the first None on those of `scan`.

    Args:
        end_of: returns the length of all complete rows at the start of a text.
        block_bytes: size of the first block and of the others.
    """
    line = dialect.first_line
    skip = line - 1
    size, later = block_bytes
    taken = 0
    rest = b""
    if head is not None:
        head.cut = False
    with (
        reporting_damage(path, lambda: line + rest.count(b"\n")),
        open_text(path, dialect.encoding_option) as (file, _),
    ):
        while True:
            while_reading()
            text = _read_text(file, size if head is None else min(size, max(head.size - taken, 0)))
            size = later
            taken += len(text)
            ended = not file.peek(1)
            cut = head is not None and not ended and (taken >= head.size or line > head.lines)
            rest += text
            if ended and rest and not rest.endswith(b"\n"):
                rest += b"\n"
            while skip and b"\n" in rest:
                rest = rest[rest.index(b"\n") + 1 :]
                skip -= 1
            end = 0 if skip else end_of(rest)
            if end:
                result = parse(rest[:end], line)
                if result is None:
                    break
                line += rest.count(b"\n", 0, end)
                rest = rest[end:]
                yield result
            if cut and head is not None:
                head.cut = True
                return
            if ended and not rest:
                return
            if ended or (not skip and len(rest) > MAX_LINE_BYTES):
                break
        raws = _lines_of(rest, file, head, taken)
        rest = b""
        yield from scan(_until(decode_lines(raws, path, line), head))


def _read_text(file: io.BufferedReader[Any], size: int) -> bytes:
    """Read about `size` bytes, with line feeds as the only line ends."""
    text = file.read(size)
    if b"\r" not in text:
        return text
    if text.endswith(b"\r") and file.peek(1)[:1] == b"\n":
        text += file.read(1)
    return text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _lines_of(start: bytes, file: io.BufferedReader[Any], head: Head | None, taken: int) -> Iterator[bytes]:
    """Yield the lines of `start`, which is already read, and those of the rest of the file."""
    for line in io.BytesIO(start):
        if not line.endswith(b"\n"):
            line += file.readline(max(0, MAX_LINE_BYTES + 1 - len(line)))
        yield line
    yield from limited_lines(file, head, taken)


def _until(lines: Lines, head: Head | None) -> Lines:
    for number, text in lines:
        if head is not None and number > head.lines:
            head.cut = True
            return
        yield number, text
