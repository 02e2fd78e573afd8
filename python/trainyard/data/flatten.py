"""Flatten a JSON object to columns: nested objects as `a.b`, arrays of numbers as `a.0`, `a.1` and so on."""

from __future__ import annotations

import json
import re
from typing import Any

MAX_ARRAY = 1000
"""Limit on the numbers of an array that get a column each. A longer array stays a text."""

_MAX_DEPTH = 16
_MAX_EXACT = 2**53
_SURROGATE = re.compile("[\ud800-\udfff]")

Scalar = str | int | float | bool | None


def flatten(record: dict[str, Any]) -> dict[str, Scalar]:
    """Return the values of an object by column name; None for a missing one. Other arrays become JSON text.

    Raises:
        ValueError: two values have the same column name, which is the argument.
        RecursionError: a value is nested too deeply.
    """
    flat: dict[str, Scalar] = {}
    for key, value in record.items():
        if type(value) in _PLAIN and key.isascii():
            if key in flat:
                raise ValueError(key)
            flat[key] = value
        else:
            _add(flat, key, value, 1)
    return flat


_PLAIN = (int, float, bool)


def _add(flat: dict[str, Scalar], name: str, value: Any, depth: int) -> None:
    if isinstance(value, dict) and value and depth < _MAX_DEPTH:
        for key, each in value.items():
            _add(flat, f"{name}.{key}", each, depth + 1)
        return
    if isinstance(value, list) and 0 < len(value) <= MAX_ARRAY and all(type(each) in _NUMBERS for each in value):
        for position, each in enumerate(value):
            _add(flat, f"{name}.{position}", each, depth + 1)
        return
    name = _valid(name)
    if name in flat:
        raise ValueError(name)
    flat[name] = _scalar(value)


_NUMBERS = (int, float, bool, type(None))


def _scalar(value: Any) -> Scalar:
    if isinstance(value, str):
        return _valid(value).strip() or None
    if isinstance(value, float) and value != value:  # NaN is a missing value
        return None
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return None if not value else _valid(json.dumps(_plain(value), ensure_ascii=False, sort_keys=True))


def _plain(value: Any) -> Any:
    """Return the value with 5 for 5.0, as JSON clients write it."""
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) <= _MAX_EXACT else value
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list) else value


def _valid(text: str) -> str:
    """Return the text without lone surrogates, which JSON can contain and UTF-8 cannot."""
    return text if text.isascii() else _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text)
