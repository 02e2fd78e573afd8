"""Read the objects of a JSONL file: one per line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

from trainyard.data.errors import InvalidDatasetError
from trainyard.data.flatten import Scalar, flatten
from trainyard.data.json_decode import Record, TooDeepError, decode, decode_line, decoding, object_of
from trainyard.data.json_rows import array_of, rows_of
from trainyard.data.lines import MAX_LINE_BYTES, read_lines, read_start
from trainyard.data.source import Head


def is_jsonl(path: Path, head: Head | None = None, encoding: str | None = None) -> bool:
    """Whether the first line with text is a whole JSON value and not the only one, or is an object in itself.

    A single line such as {"data": [{...}, {...}]} is a document, and so is an object of columns.
    """
    # An array can be a single line of any length.
    text = read_start(path, MAX_LINE_BYTES if head is None else min(head.size, MAX_LINE_BYTES), encoding)
    if text.startswith("["):
        return False
    first, _, rest = text.partition("\n")
    first = first.strip()
    is_named = path.name.lower().removesuffix(".gz").endswith((".jsonl", ".ndjson"))
    if not first.endswith("}"):
        return is_named
    if rest and not rest.isspace():
        return True
    try:
        value = decode(first)
    except (ValueError, RecursionError):
        return True  # reading it as JSONL gives the error
    # With such a name, a nested array is more likely a value of the only row.
    return not isinstance(value, dict) or (array_of(value) is None and rows_of(value, nested=not is_named) is None)


def read_jsonl(path: Path, head: Head | None = None, encoding: str | None = None) -> Iterator[tuple[int, Record]]:
    """Yield (line, object) for each line with text.

    Raises:
        InvalidDatasetError: a line is not a JSON object, or has a key twice.
    """
    yield from records_of(read_lines(path, head, encoding), path)


def records_of(lines: Iterable[tuple[int, str]], path: Path) -> Iterator[tuple[int, Record]]:
    """Yield (line, object) for each of these lines with text. See `read_jsonl`."""
    for line, text in lines:
        if not text.strip():
            continue
        yield line, object_of(decoding(partial(decode_line, text), path, line), path, line)


def flattened(records: Iterable[tuple[int, Record]], path: Path) -> Iterator[tuple[int, dict[str, Scalar]]]:
    """Yield (line, values by column name) for each object.

    Raises:
        InvalidDatasetError: two values have the same column name, or a value is nested too deeply.
    """
    for line, record in records:
        try:
            yield line, flatten(record)
        except RecursionError as error:
            raise TooDeepError(path, line) from error
        except ValueError as error:
            problem = "two values of the object have this column name. Remove or rename one of them."
            raise InvalidDatasetError(problem, path=path, line=line, column=str(error)) from error
