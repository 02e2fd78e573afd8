"""Read JSON objects in blocks: fast where a block has flat objects with the same keys, exactly elsewhere."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainyard.data.errors import InvalidDatasetError
from trainyard.data.flatten import Scalar
from trainyard.data.json_columns import dtype_of
from trainyard.data.json_lines import flattened, records_of
from trainyard.data.lines import MAX_LINE_BYTES, decode_lines, reporting_damage
from trainyard.data.source import open_text

if TYPE_CHECKING:
    import polars as pl

    from trainyard.data.json_array import ArrayLines

_BLOCK_BYTES = 4 << 20
# The types of the values are inferred from so many lines at first.
_SAMPLED_LINES = 200
# After so many irregular blocks, the others are probably irregular too.
_MAX_IRREGULAR = 3
_KEPT_BYTES = 256 << 20

FlatRecord = tuple[int, dict[str, Scalar]]


class UnsuitableError(Exception):
    """The file has no line feeds, a longer line than a block may have, or an invalid object in an array."""


@dataclass
class JsonBlocks:
    """The blocks of a JSONL file, or of an array of flat objects.

    `array` is that array; None for JSONL. `keys` are those of its first object. `types` are the types of the values by
    key until now, from which the next blocks are parsed. `irregular` are the numbers of the blocks that only the exact
    reader can read. `frames` are blocks that are parsed and kept in memory, by number.
    """

    path: Path
    encoding: str | None
    array: ArrayLines | None = None
    keys: list[str] = field(default_factory=list)
    irregular: set[int] = field(default_factory=set)
    frames: dict[int, pl.DataFrame] = field(default_factory=dict)

    def scan(
        self,
        types: dict[str, set[type]],
        add: Callable[[Iterator[FlatRecord]], None],
        add_frame: Callable[[pl.DataFrame], None],
    ) -> None:
        """Read the file once, and pass each block to `add_frame`, or its objects with their lines to `add`.

        Args:
            types: the types of the values by column name, which `add` updates.

        Raises:
            UnsuitableError: the file is not suitable; the calls until then must be undone.
            InvalidDatasetError: a line is invalid.
        """
        kept = 0
        for number, (first, data) in enumerate(self._texts()):
            if number == 0:
                sample = list(islice(self._records(first, data), _SAMPLED_LINES))
                self.keys = list(sample[0][1]) if sample else []
                known: dict[str, set[type]] = {key: set() for key in self.keys}
                for _, record in sample:
                    for key in known.keys() & record.keys():
                        known[key].add(type(record[key]))
            else:
                known = types
            frame = None
            if len(self.irregular) < _MAX_IRREGULAR:
                frame = _parse(data, {key: dtype_of(frozenset(known.get(key, ()))) for key in self.keys})
            if frame is None:
                self.irregular.add(number)
                add(self._records(first, data))
                continue
            add_frame(frame)
            size = int(frame.estimated_size())
            if kept + size <= _KEPT_BYTES:
                self.frames[number] = frame
                kept += size

    def blocks(
        self, schema: dict[str, Any]
    ) -> Iterator[tuple[Callable[[int], Sequence[int]], pl.DataFrame | Iterator[FlatRecord]]]:
        """Yield each block: its frame, with these types, or its objects; and a function that returns the lines of rows.

        Raises:
            InvalidDatasetError: the file has changed since the scan, and a line is invalid.
        """
        wanted = {key: schema[key] for key in self.keys if key in schema}
        for number, (first, data) in enumerate(self._texts()):
            frame = self.frames.pop(number, None)
            if frame is not None and frame.schema != wanted:
                frame = None
            if frame is None and number not in self.irregular and len(wanted) == len(self.keys):
                frame = _parse(data, wanted)
            yield partial(self._lines, first), self._records(first, data) if frame is None else frame

    def _lines(self, first: int, rows: int) -> Sequence[int]:
        """Return the lines of the file with these rows, from the one in line `first` of the texts."""
        if self.array is None:
            return range(first, first + rows)
        lines: list[int] = self.array.lines[first - 1 : first - 1 + rows].tolist()
        return lines

    def _records(self, first: int, data: bytes) -> Iterator[FlatRecord]:
        lines = decode_lines(io.BytesIO(data), self.path, first)
        records = flattened(records_of(lines, self.path), self.path)
        if self.array is None:
            yield from records
            return
        try:
            for line, record in records:
                yield int(self.array.lines[line - 1]), record
        except InvalidDatasetError as error:
            raise UnsuitableError from error  # the exact reader reports the line

    def _texts(self) -> Iterator[tuple[int, bytes]]:
        """Yield complete lines, with the number of the first of them."""
        if self.array is not None:
            yield from _pieces(self.array.data)
            return
        line, rest = 1, b""
        with reporting_damage(self.path, lambda: line), open_text(self.path, self.encoding) as (file, _):
            while True:
                read = file.read(_BLOCK_BYTES)
                data = (rest + read).replace(b"\r\n", b"\n") if b"\r" in read or b"\r" in rest else rest + read
                if not read:
                    break
                end = data.rfind(b"\n") + 1
                rest = data[end:]
                if b"\r" in data[:end] or len(rest) > MAX_LINE_BYTES:
                    raise UnsuitableError
                if end:
                    yield line, data[:end]
                    line += data.count(b"\n", 0, end)
            if b"\r" in data:
                raise UnsuitableError
            if data:
                yield line, data


def _pieces(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield complete lines of a text that ends with a line feed, with the number of the first of them."""
    line = start = 0
    while start < len(data):
        end = data.rfind(b"\n", start, start + _BLOCK_BYTES) + 1 or data.find(b"\n", start) + 1
        piece = data[start:end]
        yield line + 1, piece
        line, start = line + piece.count(b"\n"), end


def _parse(data: bytes, schema: dict[str, Any]) -> pl.DataFrame | None:
    from trainyard.data.flat_json import parse_flat_json

    # The last line of a file may lack its line feed; an error there must not be about the one added here.
    return parse_flat_json(data if data.endswith(b"\n") else data + b"\n", schema)
