"""Read the objects of a JSON file: one per line (JSONL), an array, or a document with an array of objects."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from trainyard.data.errors import InvalidDatasetError
from trainyard.data.flatten import Scalar, flatten
from trainyard.data.lines import MAX_LINE_BYTES, decode_text, read_lines, read_start, reporting_damage
from trainyard.data.source import Head, open_text

MAX_DOCUMENT_BYTES = 512 * 2**20
"""Limit on the text of an array or a document, which is kept in memory. JSONL has no such limit."""

Record = dict[str, Any]

_PIECE_BYTES = 1 << 20
_EXAMPLE = '{"x": 1.5, "y": 3.05}'
_TYPE_NAMES = {list: "array", str: "string", int: "number", float: "number", bool: "boolean", type(None): "null"}
_SPACES = re.compile(r"[ \t\n\r]+")


class TooDeepError(InvalidDatasetError):
    """A value has more levels of nesting than Python can read."""

    def __init__(self, path: Path, line: int) -> None:
        super().__init__(
            "values are nested too deeply. Flatten them: each value must be a number or text.", path=path, line=line
        )


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
    if not first.endswith("}"):
        return path.name.lower().removesuffix(".gz").endswith((".jsonl", ".ndjson"))
    if rest and not rest.isspace():
        return True
    try:
        value = _decode(first)
    except (ValueError, RecursionError):
        return True  # reading it as JSONL gives the error
    return not isinstance(value, dict) or (_records_in(value) is None and _rows_of(value) is None)


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
        yield line, _object(_decoding(partial(_decode_line, text), path, line), path, line)


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


def read_document(path: Path, head: Head | None = None, encoding: str | None = None) -> Iterator[tuple[int, Record]]:
    """Yield (line, object) for each object of an array, or of the first array of objects in a document.

    Also reads columns, such as {"x": [1, 2], "y": [3, 4]}, and what pandas writes by default: {"x": {"0": 1, "1": 2}}.

    Raises:
        InvalidDatasetError: the text is not JSON, larger than MAX_DOCUMENT_BYTES, or has no rows of objects.
    """
    text = _text_of(path, head, encoding)
    start = _skip(text, 0)
    if start == len(text):
        raise InvalidDatasetError("the file is empty; expected an array of objects.", path=path)
    if text[start : start + 1] == "[":
        yield from _array(text, start, path, head)
        return
    found = _find_array(text, start, path, head)
    if found is not None:
        yield from _array(text, found, path, head)
        return
    line = text.count("\n", 0, start) + 1
    value = _object(_decoding(lambda: _decode(text.strip()), path, line, text), path, line)
    rows = _rows_of(value)
    if rows is None:
        yield line, value
        return
    for row in rows:
        yield line, row


def _text_of(path: Path, head: Head | None, encoding: str | None) -> str:
    limit = MAX_DOCUMENT_BYTES if head is None else min(head.size, MAX_DOCUMENT_BYTES)
    with reporting_damage(path, lambda: 1), open_text(path, encoding) as (file, _):
        # One call of read(limit) would allocate the whole limit.
        pieces = iter(partial(file.read, min(limit, _PIECE_BYTES)), b"")
        raw = b"".join(islice(pieces, -(-limit // _PIECE_BYTES)))
        more = bool(file.peek(1))
    if head is not None:
        head.cut = more
    elif more:
        raise InvalidDatasetError(
            f"the JSON is larger than the limit of {limit // 2**20} MiB for an array or a document. "
            "Write it as JSONL, one object per line.",
            path=path,
        )
    # A character at the end may be cut in two.
    return decode_text(raw, path) if not more else raw.decode("utf-8", "ignore")


def _array(text: str, start: int, path: Path, head: Head | None) -> Iterator[tuple[int, Record]]:
    """Yield the objects of the array at `start`, each with the line on which it starts."""
    line = text.count("\n", 0, start) + 1
    counted = position = start
    number = 0
    while True:
        position = _skip(text, position + 1)
        if text[position : position + 1] == "]" and number == 0:
            raise InvalidDatasetError("the array is empty; expected objects.", path=path, line=line)
        line += text.count("\n", counted, position)
        counted = position
        number += 1
        try:
            value, position = _DECODER.raw_decode(text, position)
        except (ValueError, RecursionError) as error:
            if _is_cut(error, text, head):
                return
            _decoding(_raise(error), path, line, text)
        yield line, _object(value, path, line)
        position = _skip(text, position)
        separator = text[position : position + 1]
        if separator == "]" or (separator == "" and head is not None and head.cut):
            return
        if separator != ",":
            at = text.count("\n", 0, position) + 1
            found = f"found {separator!r}" if separator else "the file ends"
            raise InvalidDatasetError(
                f"{found} after object {number:,} of the array; expected a comma or ].", path=path, line=at
            )


def _find_array(text: str, start: int, path: Path, head: Head | None) -> int | None:
    """Return the position of the first array of objects among the values of the object at `start`."""
    position = start
    while True:
        position = _skip(text, position + 1)
        if text[position : position + 1] == "}":
            return None
        try:
            key, position = _DECODER.raw_decode(text, position)
            position = _skip(text, position)
            if not isinstance(key, str) or text[position : position + 1] != ":":
                raise json.JSONDecodeError("Expecting a key and ':'", text, position)
            position = _skip(text, position + 1)
            if text.startswith("[", position) and text.startswith("{", _skip(text, position + 1)):
                return position
            _, position = _DECODER.raw_decode(text, position)
        except (ValueError, RecursionError) as error:
            if _is_cut(error, text, head):
                return None
            _decoding(_raise(error), path, text.count("\n", 0, position) + 1, text)
        position = _skip(text, position)
        if text[position : position + 1] != ",":
            return None


def _records_in(value: Record) -> list[Record] | None:
    return next((v for v in value.values() if isinstance(v, list) and v and isinstance(v[0], dict)), None)


def _rows_of(value: Record) -> list[Record] | None:
    """Return the rows of an object of columns: equally long arrays, or objects with equal keys; None for another."""
    columns = list(value.values())
    if len(columns) < 2:
        return None
    if all(isinstance(column, list) and len(column) > 1 for column in columns):
        if len({len(column) for column in columns}) == 1:
            return [dict(zip(value, cells)) for cells in zip(*columns)]
    elif all(isinstance(column, dict) and len(column) > 1 for column in columns):
        keys = list(columns[0])
        if all(list(column) == keys for column in columns) and all(key.isdigit() for key in keys):
            return [dict(zip(value, cells)) for cells in zip(*(column.values() for column in columns))]
    return None


def _skip(text: str, position: int) -> int:
    found = _SPACES.match(text, position)
    return found.end() if found else position


def _is_cut(error: Exception, text: str, head: Head | None) -> bool:
    """Whether the error comes from the end of a head, inside of a value."""
    return head is not None and head.cut and isinstance(error, json.JSONDecodeError) and _near_end(error, text)


def _near_end(error: json.JSONDecodeError, text: str) -> bool:
    # An unterminated string is reported at its start; a cut literal or number at most a few characters before the end.
    return error.msg.startswith("Unterminated string") or error.pos >= len(text) - 16


def _object(value: Any, path: Path, line: int) -> Record:
    if not isinstance(value, dict):
        raise InvalidDatasetError(
            f"found a JSON {_TYPE_NAMES[type(value)]}; expected one JSON object per line, such as {_EXAMPLE}.",
            path=path,
            line=line,
        )
    return value


def _decoding(decode: Callable[[], Any], path: Path, line: int, document: str | None = None) -> Any:
    """Return `decode()`, with its errors as InvalidDatasetError. `line` is where the text starts."""
    try:
        return decode()
    except _DuplicateKeyError as error:
        problem = "the key occurs twice in one object. Remove or rename one of them."
        raise InvalidDatasetError(problem, path=path, line=line, column=error.key) from error
    except RecursionError as error:
        raise TooDeepError(path, line) from error
    except json.JSONDecodeError as error:
        if document is not None:
            problem = f"invalid JSON ({error.msg} at character {error.colno}); expected an array of objects."
            raise InvalidDatasetError(problem, path=path, line=error.lineno) from error
        problem = f"invalid JSON ({error.msg} at character {error.pos + 1}); expected one JSON object per line."
        raise InvalidDatasetError(problem, path=path, line=line) from error
    except ValueError as error:  # an integer of thousands of digits
        problem = f"invalid JSON ({error}); expected one JSON object per line."
        raise InvalidDatasetError(problem, path=path, line=line) from error


def _raise(error: Exception) -> Callable[[], Any]:
    def throw() -> Any:
        raise error

    return throw


class _DuplicateKeyError(ValueError):
    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def _unique(pairs: list[tuple[str, Any]]) -> Record:
    record = dict(pairs)
    if len(record) != len(pairs):
        seen: set[str] = set()
        raise _DuplicateKeyError(next(key for key, _ in pairs if key in seen or seen.add(key)))  # type: ignore[func-returns-value]
    return record


# json.loads() with a hook would create a decoder for every line.
_DECODER = json.JSONDecoder(object_pairs_hook=_unique)
_decode = _DECODER.decode
_decode_fast = json.JSONDecoder().decode


def _decode_line(text: str) -> Any:
    """Decode one line. The hook that finds a key written twice is slow, so that it is used only if keys are missing."""
    value = _decode_fast(text)
    if isinstance(value, dict) and text.count('":') != _keys(value):
        return _decode(text)
    return value


def _keys(value: Any) -> int:
    if isinstance(value, dict):
        return len(value) + sum(_keys(each) for each in value.values() if type(each) in (dict, list))
    return sum(_keys(each) for each in value if type(each) in (dict, list))
