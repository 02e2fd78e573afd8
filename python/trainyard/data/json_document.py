"""Read the objects of a JSON document: an array, a document with an array of objects, or columns."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path

from trainyard.data.errors import InvalidDatasetError
from trainyard.data.json_decode import DECODER, Record, decode, decoding, object_of, raising
from trainyard.data.lines import decode_text, reporting_damage
from trainyard.data.source import Head, open_text

MAX_DOCUMENT_BYTES = 512 * 2**20
"""Limit on the text of an array or a document, which is kept in memory. JSONL has no such limit."""

_PIECE_BYTES = 1 << 20
_SPACES = re.compile(r"[ \t\n\r]+")


def read_document(path: Path, head: Head | None = None, encoding: str | None = None) -> Iterator[tuple[int, Record]]:
    """Yield (line, object) for each object of an array, or of the first array of objects in a document.

    Also reads columns, such as {"x": [1, 2], "y": [3, 4]}, and what pandas writes: {"x": {"0": 1, "1": 2}}, the same by
    rows, and {"columns": ["x", "y"], "data": [[1, 3], [2, 4]]}. An array can be in an object of the document.

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
    value = object_of(decoding(lambda: decode(text.strip()), path, line, text), path, line)
    rows = rows_of(value)
    if rows is None:
        yield line, value
        return
    for row in rows:
        yield line, row


def find_rows(path: Path, head: Head | None = None, encoding: str | None = None) -> tuple[str, int] | None:
    """Return the text of a document and where its array of objects starts; None if it has none. See `read_document`."""
    text = _text_of(path, head, encoding)
    start = _skip(text, 0)
    if start == len(text):
        return None
    array = start if text.startswith("[", start) else _find_array(text, start, path, head)
    return None if array is None else (text, array)


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
            value, position = DECODER.raw_decode(text, position)
        except (ValueError, RecursionError) as error:
            if _is_cut(error, text, head):
                return
            decoding(raising(error), path, line, text)
        yield line, object_of(value, path, line)
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
            key, position = DECODER.raw_decode(text, position)
            position = _skip(text, position)
            if not isinstance(key, str) or text[position : position + 1] != ":":
                raise json.JSONDecodeError("Expecting a key and ':'", text, position)
            position = _skip(text, position + 1)
            if text.startswith("[", position) and text.startswith("{", _skip(text, position + 1)):
                return position
            _, position = DECODER.raw_decode(text, position)
        except (ValueError, RecursionError) as error:
            if _is_cut(error, text, head):
                return None
            decoding(raising(error), path, text.count("\n", 0, position) + 1, text)
        position = _skip(text, position)
        if text[position : position + 1] != ",":
            return None


def records_in(value: Record) -> list[Record] | None:
    """Return the first array of objects among the values."""
    return next((v for v in value.values() if isinstance(v, list) and v and isinstance(v[0], dict)), None)


def rows_of(value: Record) -> list[Record] | None:
    """Return the rows of an object of columns: equally long arrays, or objects with equal keys; None for another."""
    columns = list(value.values())
    if len(columns) == 1 and isinstance(columns[0], dict):
        return records_in(columns[0]) or rows_of(columns[0])
    split = _split_rows(value)
    if split is not None or len(columns) < 2:
        return split
    if all(isinstance(column, list) and len(column) > 1 for column in columns):
        if len({len(column) for column in columns}) == 1:
            return [dict(zip(value, cells)) for cells in zip(*columns)]
    elif all(isinstance(column, dict) and len(column) > 1 for column in columns):
        keys = list(columns[0])
        if all(list(column) == keys for column in columns) and all(key.isdigit() for key in keys):
            return [dict(zip(value, cells)) for cells in zip(*(column.values() for column in columns))]
        if all(list(column) == keys for column in columns) and all(key.isdigit() for key in value):
            return columns
    return None


def _split_rows(value: Record) -> list[Record] | None:
    """Return the rows of an object with the names and the rows of a table; None for another."""
    names = value.get("columns")
    rows = value.get("data", value.get("rows"))
    if not (isinstance(names, list) and isinstance(rows, list) and rows) or len(set(map(str, names))) < len(names):
        return None
    if not all(isinstance(row, list) and len(row) == len(names) for row in rows):
        return None
    return [dict(zip(map(str, names), row)) for row in rows]


def _skip(text: str, position: int) -> int:
    found = _SPACES.match(text, position)
    return found.end() if found else position


def _is_cut(error: Exception, text: str, head: Head | None) -> bool:
    """Whether the error comes from the end of a head, inside of a value."""
    return head is not None and head.cut and isinstance(error, json.JSONDecodeError) and _near_end(error, text)


def _near_end(error: json.JSONDecodeError, text: str) -> bool:
    # An unterminated string is reported at its start; a cut literal or number at most a few characters before the end.
    return error.msg.startswith("Unterminated string") or error.pos >= len(text) - 16
