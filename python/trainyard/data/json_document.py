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
from trainyard.data.json_rows import longest, rows_of
from trainyard.data.lines import decode_text, reporting_damage
from trainyard.data.source import Head, open_text

MAX_DOCUMENT_BYTES = 512 * 2**20
"""Limit on the text of an array or a document, which is kept in memory. JSONL has no such limit."""

_PIECE_BYTES = 1 << 20
_SPACES = re.compile(r"[ \t\n\r]+")
_OBJECTS = re.compile(r"\[[ \t\n\r]*\{")


def read_document(
    path: Path, head: Head | None, encoding: str | None, notes: list[str]
) -> Iterator[tuple[int, Record]]:
    """Yield (line, object) for each object of an array, or of the longest array of objects in a document.

    Also reads columns, such as {"x": [1, 2], "y": [3, 4]}, and what pandas writes: {"x": {"0": 1, "1": 2}}, the same by
    rows, and {"columns": ["x", "y"], "data": [[1, 3], [2, 4]]}. An array can be in an object of the document.

    Args:
        notes: gets a sentence about what is not read.

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
        array, said = found
        notes.extend(said)
        yield from _array(text, array, path, head)
        return
    line = text.count("\n", 0, start) + 1
    value = object_of(decoding(lambda: decode(text.strip()), path, line, text), path, line)
    rows = rows_of(value)
    if rows is None:
        yield line, value
        return
    objects, said = rows
    notes.extend(said)
    for row in objects:
        yield line, row


def find_rows(path: Path, head: Head | None = None, encoding: str | None = None) -> tuple[str, int, list[str]] | None:
    """Return the text of a document, where its array of objects starts, and notes; None if it has no such array.

    See `read_document`.
    """
    text = _text_of(path, head, encoding)
    start = _skip(text, 0)
    if start == len(text):
        return None
    found = (start, []) if text.startswith("[", start) else _find_array(text, start, path, head)
    return None if found is None else (text, *found)


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


def _find_array(text: str, start: int, path: Path, head: Head | None) -> tuple[int, list[str]] | None:
    """Return the position of the longest array of objects among the values of the object at `start`, and notes."""
    position = start
    starts: dict[str, int] = {}
    sizes: dict[str, int] = {}
    while True:
        position = _skip(text, position + 1)
        if text[position : position + 1] == "}":
            break
        try:
            key, position = DECODER.raw_decode(text, position)
            position = _skip(text, position)
            if not isinstance(key, str) or text[position : position + 1] != ":":
                raise json.JSONDecodeError("Expecting a key and ':'", text, position)
            position = _skip(text, position + 1)
            if text.startswith("[", position) and text.startswith("{", _skip(text, position + 1)):
                if not starts and _OBJECTS.search(text, position + 1) is None:
                    return position, []  # there is no other one
                starts[key] = position
                position = _end_of_array(text, position)
                sizes[key] = position - starts[key]
            else:
                _, position = DECODER.raw_decode(text, position)
        except (ValueError, RecursionError) as error:
            if _is_cut(error, text, head):
                break
            decoding(raising(error), path, text.count("\n", 0, position) + 1, text)
        position = _skip(text, position)
        if text[position : position + 1] != ",":
            break
    if not sizes:
        return None
    chosen, notes = longest(sizes)
    return starts[chosen], notes


def _end_of_array(text: str, start: int) -> int:
    """Return the position behind an array; the end of the text if it is invalid, which its reading will report."""
    position = start
    while True:
        position = _skip(text, position + 1)
        try:
            _, position = DECODER.raw_decode(text, position)
        except (ValueError, RecursionError):
            return len(text)
        position = _skip(text, position)
        if text[position : position + 1] == "]":
            return position + 1
        if text[position : position + 1] != ",":
            return len(text)


def _skip(text: str, position: int) -> int:
    found = _SPACES.match(text, position)
    return found.end() if found else position


def _is_cut(error: Exception, text: str, head: Head | None) -> bool:
    """Whether the error comes from the end of a head, inside of a value."""
    return head is not None and head.cut and isinstance(error, json.JSONDecodeError) and _near_end(error, text)


def _near_end(error: json.JSONDecodeError, text: str) -> bool:
    # An unterminated string is reported at its start; a cut literal or number at most a few characters before the end.
    return error.msg.startswith("Unterminated string") or error.pos >= len(text) - 16
