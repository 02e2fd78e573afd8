"""Decode JSON objects, with errors that name the line, the column and what was expected."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from trainyard.data.errors import InvalidDatasetError

Record = dict[str, Any]

_EXAMPLE = '{"x": 1.5, "y": 3.05}'
_TYPE_NAMES = {list: "array", str: "string", int: "number", float: "number", bool: "boolean", type(None): "null"}


class TooDeepError(InvalidDatasetError):
    """A value has more levels of nesting than Python can read."""

    def __init__(self, path: Path, line: int) -> None:
        super().__init__(
            "values are nested too deeply. Flatten them: each value must be a number or text.", path=path, line=line
        )


def object_of(value: Any, path: Path, line: int) -> Record:
    """Return the value. Raises InvalidDatasetError if it is not an object."""
    if not isinstance(value, dict):
        raise InvalidDatasetError(
            f"found a JSON {_TYPE_NAMES[type(value)]}; expected one JSON object per line, such as {_EXAMPLE}.",
            path=path,
            line=line,
        )
    return value


def decoding(decode: Callable[[], Any], path: Path, line: int, document: str | None = None) -> Any:
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


def raising(error: Exception) -> Callable[[], Any]:
    """Return a function that raises the error, for `decoding`."""

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
DECODER = json.JSONDecoder(object_pairs_hook=_unique)
decode = DECODER.decode
_decode_fast = json.JSONDecoder().decode


def decode_line(text: str) -> Any:
    """Decode one line. The hook that finds a key written twice is slow, so that it is used only if keys are missing."""
    value = _decode_fast(text)
    if isinstance(value, dict) and text.count('":') != _keys(value):
        return decode(text)
    return value


def _keys(value: Any) -> int:
    if isinstance(value, dict):
        return len(value) + sum(_keys(each) for each in value.values() if type(each) in (dict, list))
    return sum(_keys(each) for each in value if type(each) in (dict, list))
