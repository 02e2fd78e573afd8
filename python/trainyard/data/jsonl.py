"""Read JSONL files: one JSON object per line. Keys can be in any order, and objects can omit keys."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from trainyard.data.errors import InvalidDatasetError
from trainyard.data.lines import read_lines
from trainyard.data.source import Head


def read_names(path: Path, head: Head | None = None) -> list[str]:
    """Return all keys of the file. The last key of the first object stays last; keys found later precede it.

    Raises:
        InvalidDatasetError: the file is empty, a key is empty, or a line is not a JSON object.
    """
    names: dict[str, None] = {}
    last: str | None = None
    for line, record in _objects(path, head):
        if last is None:
            if not record:
                raise InvalidDatasetError("the object is empty; expected at least one key.", path=path, line=line)
            *others, last = record
            names = dict.fromkeys(others)
        for key in record:
            if key not in names and key != last:
                names[key] = None
    if last is None:
        raise InvalidDatasetError("the file is empty; expected one JSON object per line.", path=path)
    if not all(name.strip() for name in [*names, last]):
        raise InvalidDatasetError("a key is empty. Give each column a name.", path=path)
    return [*names, last]


def read_rows(path: Path, names: list[str], head: Head | None = None) -> Iterator[tuple[int, list[str]]]:
    """Yield (line, cells) with cells as text in the order of `names`. A missing key becomes an empty cell."""
    for line, record in _objects(path, head):
        try:
            yield line, [_cell(record.get(name)) for name in names]
        except RecursionError as error:
            raise InvalidDatasetError(_TOO_DEEP, path=path, line=line) from error


def _objects(path: Path, head: Head | None) -> Iterator[tuple[int, dict[str, Any]]]:
    for line, text in read_lines(path, head):
        if not text.strip():
            continue
        try:
            value = _decode(text)
        except _DuplicateKeyError as error:
            problem = "the key occurs twice in one object. Remove or rename one of them."
            raise InvalidDatasetError(problem, path=path, line=line, column=error.key) from error
        except RecursionError as error:
            raise InvalidDatasetError(_TOO_DEEP, path=path, line=line) from error
        except ValueError as error:
            where = f" at character {error.pos + 1}" if isinstance(error, json.JSONDecodeError) else ""
            what = error.msg if isinstance(error, json.JSONDecodeError) else error
            problem = f"invalid JSON ({what}{where}); expected one JSON object per line."
            raise InvalidDatasetError(problem, path=path, line=line) from error
        if not isinstance(value, dict):
            raise InvalidDatasetError(
                f"found a JSON {_TYPE_NAMES[type(value)]}; "
                'expected one JSON object per line, such as {"x": 1.5, "y": 3.05}.',
                path=path,
                line=line,
            )
        yield line, value


_TOO_DEEP = "values are nested too deeply. Flatten them: each value must be a number or text."
_TYPE_NAMES = {list: "array", str: "string", int: "number", float: "number", bool: "boolean", type(None): "null"}


class _DuplicateKeyError(ValueError):
    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) != len(pairs):
        seen: set[str] = set()
        raise _DuplicateKeyError(next(key for key, _ in pairs if key in seen or seen.add(key)))  # type: ignore[func-returns-value]
    return record


# json.loads() with a hook would create a decoder for every line.
_decode = json.JSONDecoder(object_pairs_hook=_unique).decode


def _cell(value: Any) -> str:
    """Return the text that a CSV file would contain: nested values as JSON, null as empty text."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
