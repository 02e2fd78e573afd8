"""Tables in JSON: the columns of all objects with their types, and the rows in blocks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from trainyard.data.errors import InvalidDatasetError
from trainyard.data.flatten import Scalar, flatten
from trainyard.data.json_columns import dtype_of, to_series, type_of
from trainyard.data.json_records import TooDeepError, is_jsonl, read_document, read_jsonl
from trainyard.data.polars_check import check_polars
from trainyard.data.source import Head

if TYPE_CHECKING:
    from trainyard.data.block import Block

_BLOCK_ROWS = 4096
_BLOCK_CELLS = 1024 * _BLOCK_ROWS


@dataclass(frozen=True)
class JsonTable:
    """The columns of a JSON file.

    `types` are the types of the values by column name, in order. The last column is the one that is last in most
    objects.
    """

    path: Path
    encoding: str | None
    lines: bool
    types: dict[str, frozenset[type]]
    rows: int

    def blocks(
        self, head: Head | None, while_reading: Callable[[], None], columns: Sequence[str] | None = None
    ) -> Iterator[Block]:
        """Yield all rows. Numbers and booleans keep their type if all values of the column have it; others are text."""
        check_polars(self.path)
        import polars as pl

        from trainyard.data.block import Block

        wanted = set(self.types if columns is None else columns)
        names = [name for name in self.types if name in wanted]
        schema = {name: dtype_of(self.types[name]) for name in names}
        rows = _flat(self.path, self.lines, head, self.encoding)
        size = max(1, min(_BLOCK_ROWS, _BLOCK_CELLS // max(1, len(names))))
        while chunk := list(islice(rows, size)):
            while_reading()
            series = [
                to_series(name, [record.get(name) for _, record in chunk], dtype) for name, dtype in schema.items()
            ]
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
    types: dict[str, set[type]] = {}
    last_names: Counter[str] = Counter()
    rows = 0
    for line, record in _flat(path, lines, head, encoding):
        if not record and rows == 0:
            raise InvalidDatasetError("the object is empty; expected at least one key.", path=path, line=line)
        rows += 1
        if rows % _BLOCK_ROWS == 0:
            while_reading()
        last_names.update(islice(reversed(record), 1))
        for name, value in record.items():
            kind = type_of(value)
            try:
                types[name].add(kind)
            except KeyError:
                types[name] = {kind}
    if not types:
        raise InvalidDatasetError("the file is empty; expected one JSON object per line.", path=path)
    if not all(name.strip() for name in types):
        raise InvalidDatasetError("a key is empty. Give each column a name.", path=path)
    # A key that only later objects bring is inserted before the last column: the last one is the target by default.
    ((last, _),) = last_names.most_common(1)
    names = [*(name for name in types if name != last), last]
    return JsonTable(path, encoding, lines, {name: frozenset(types[name]) for name in names}, rows)


def _flat(path: Path, lines: bool, head: Head | None, encoding: str | None) -> Iterator[tuple[int, dict[str, Scalar]]]:
    for line, record in (read_jsonl if lines else read_document)(path, head, encoding):
        try:
            yield line, flatten(record)
        except RecursionError as error:
            raise TooDeepError(path, line) from error
        except ValueError as error:
            problem = "two values of the object have this column name. Remove or rename one of them."
            raise InvalidDatasetError(problem, path=path, line=line, column=str(error)) from error
