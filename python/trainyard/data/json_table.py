"""Tables in JSON: the columns of all objects with their types, and the rows in blocks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainyard.data.errors import InvalidDatasetError
from trainyard.data.json_blocks import FlatRecord, JsonBlocks, UnsuitableError
from trainyard.data.json_columns import dtype_of, to_series, type_of
from trainyard.data.json_document import read_document
from trainyard.data.json_lines import flattened, is_jsonl, read_jsonl
from trainyard.data.polars_check import check_polars, has_polars
from trainyard.data.source import Head

if TYPE_CHECKING:
    import polars as pl

    from trainyard.data.block import Block

_BLOCK_ROWS = 4096
_BLOCK_CELLS = 1024 * _BLOCK_ROWS
# Keys that a note names, and the characters of each.
_MAX_NAMED, _MAX_NAME = 3, 40


@dataclass(frozen=True)
class JsonTable:
    """The columns of a JSON file.

    `types` are the types of the values by column name, in order. The last column is the one that is last in most
    objects. `parts` are the blocks of a file that is read in blocks. `notes` say what is not read, and whether objects
    end with different keys.
    """

    path: Path
    encoding: str | None
    lines: bool
    types: dict[str, frozenset[type]]
    rows: int
    parts: JsonBlocks | None
    notes: tuple[str, ...] = ()

    def blocks(
        self, head: Head | None, while_reading: Callable[[], None], columns: Sequence[str] | None = None
    ) -> Iterator[Block]:
        """Yield all rows. Numbers and booleans keep their type if all values of the column have it; others are text."""
        check_polars(self.path)
        import polars as pl

        from trainyard.data.block import Block

        wanted = set(self.types if columns is None else columns)
        types = {name: dtype_of(kinds) for name, kinds in self.types.items()}
        schema = {name: dtype for name, dtype in types.items() if name in wanted}
        if self.parts is None or head is not None:
            yield from _blocks_of(_flat(self.path, self.lines, head, self.encoding, []), schema, while_reading)
            return
        for lines_of, part in self.parts.blocks(types):
            if isinstance(part, pl.DataFrame):
                while_reading()
                absent = [pl.lit(None, dtype).alias(name) for name, dtype in schema.items() if name not in part.columns]
                yield Block(part.with_columns(absent).select(*schema), lines_of(part.height))
            else:
                yield from _blocks_of(part, schema, while_reading)


def _blocks_of(
    rows: Iterator[FlatRecord], schema: dict[str, Any], while_reading: Callable[[], None]
) -> Iterator[Block]:
    import polars as pl

    from trainyard.data.block import Block

    size = max(1, min(_BLOCK_ROWS, _BLOCK_CELLS // max(1, len(schema))))
    while chunk := list(islice(rows, size)):
        while_reading()
        series = [to_series(name, [record.get(name) for _, record in chunk], dtype) for name, dtype in schema.items()]
        yield Block(pl.DataFrame(series), [line for line, _ in chunk])


def scan_json(
    path: Path,
    head: Head | None = None,
    while_reading: Callable[[], None] = lambda: None,
    encoding: str | None = None,
) -> JsonTable:
    """Read all objects once, and return the columns.

    Args:
        encoding: see `open_text`.

    Raises:
        InvalidDatasetError: the file is empty, a key is empty, or the JSON is invalid.
    """
    lines = is_jsonl(path, head, encoding)
    found, parts = _Columns(path, while_reading), None
    notes: list[str] = []
    if head is None and has_polars():
        parts = _parts_of(path, encoding, lines)
    if parts is not None:
        try:
            parts.scan(found.types, found.add, found.add_frame)
        except UnsuitableError:
            found, parts = _Columns(path, while_reading), None
    if parts is None:
        found.add(_flat(path, lines, head, encoding, notes))
    elif parts.array is not None:
        notes.extend(parts.array.notes)
    if not found.types:
        raise InvalidDatasetError("the file is empty; expected one JSON object per line.", path=path)
    if not all(name.strip() for name in found.types):
        raise InvalidDatasetError("a key is empty. Give each column a name.", path=path)
    # A key that only later objects bring is inserted before the last column: the last one is the target by default.
    ((last, _),) = found.last_names.most_common(1)
    names = [*(name for name in found.types if name != last), last]
    notes.extend(_different_ends(last, found.last_names))
    types = {name: frozenset(found.types[name]) for name in names}
    return JsonTable(path, encoding, lines, types, found.rows, parts, tuple(notes))


def _different_ends(last: str, counts: Counter[str]) -> list[str]:
    """Say that objects end with different keys, so that the default target may be a wrong one."""
    if len(counts) == 1:
        return []
    others = [f"{count:,} with {name[:_MAX_NAME]!r}" for name, count in counts.most_common(_MAX_NAMED) if name != last]
    more = ", ..." if len(counts) > len(others) + 1 else ""
    return [
        f"The objects end with different keys: {counts[last]:,} with {last[:_MAX_NAME]!r}, {', '.join(others)}{more}. "
        f"The last column, which is the default target, is {last[:_MAX_NAME]!r}."
    ]


def _parts_of(path: Path, encoding: str | None, lines: bool) -> JsonBlocks | None:
    """Return the blocks of a file; None if only the exact reader can read it."""
    if lines:
        return JsonBlocks(path, encoding)
    from trainyard.data.json_array import read_array

    array = read_array(path, encoding)
    return None if array is None else JsonBlocks(path, encoding, array)


@dataclass
class _Columns:
    """The columns of the rows until now: the types of their values, and how often each is the last of an object."""

    path: Path
    while_reading: Callable[[], None]
    types: dict[str, set[type]] = field(default_factory=dict)
    last_names: Counter[str] = field(default_factory=Counter)
    rows: int = 0

    def add(self, records: Iterator[FlatRecord]) -> None:
        for line, record in records:
            if not record and self.rows == 0:
                raise InvalidDatasetError("the object is empty; expected at least one key.", path=self.path, line=line)
            self.rows += 1
            if self.rows % _BLOCK_ROWS == 0:
                self.while_reading()
            self.last_names.update(islice(reversed(record), 1))
            for name, value in record.items():
                kind = type_of(value)
                try:
                    self.types[name].add(kind)
                except KeyError:
                    self.types[name] = {kind}

    def add_frame(self, frame: pl.DataFrame) -> None:
        self.while_reading()
        self.rows += frame.height
        self.last_names[frame.columns[-1]] += frame.height
        for column in frame:
            kinds = self.types.setdefault(column.name, set())
            if column.null_count() < len(column):
                kinds.add(column.dtype.to_python())


def _flat(path: Path, lines: bool, head: Head | None, encoding: str | None, notes: list[str]) -> Iterator[FlatRecord]:
    records = read_jsonl(path, head, encoding) if lines else read_document(path, head, encoding, notes)
    return flattened(records, path)
