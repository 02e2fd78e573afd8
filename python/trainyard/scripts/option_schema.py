"""Check the JSON Schema of an option that the metadata of a script defines."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from trainyard.scripts.option import is_json_default, json_type

TYPES = ("boolean", "integer", "number", "string", "array")


def _is_number(value: Any) -> bool:
    return json_type(value) in ("integer", "number")


def _is_count(value: Any) -> bool:
    return json_type(value) == "integer" and value >= 0


def _is_pattern(value: Any) -> bool:
    try:
        return isinstance(value, str) and re.compile(value) is not None
    except (re.error, RecursionError, OverflowError):
        return False


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


_VALUES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "title": (_is_text, "a text"),
    "description": (_is_text, "a text"),
    "enum": (lambda value: isinstance(value, list) and bool(value) and is_json_default(value), "a list of choices"),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), (_is_number, "a number")),
    "multipleOf": (lambda value: _is_number(value) and value > 0, "a number greater than 0"),
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems"), (_is_count, "a whole number of at least 0")),
    "pattern": (_is_pattern, "a regular expression"),
    "uniqueItems": (lambda value: isinstance(value, bool), "true or false"),
    "items": (lambda value: isinstance(value, dict), "a table with a 'type'"),
}


def check_schema(name: str, schema: Mapping[str, Any]) -> None:
    """Check that a schema is valid, and that its default is one of its values.

    Args:
        name: of the option, in messages.

    Raises:
        ValueError: it is not valid; the message names the key.
    """
    if schema.get("type", "string") not in TYPES:
        raise ValueError(f"'options.{name}.type' must be one of {', '.join(TYPES)}")
    for key, (is_valid, expected) in _VALUES.items():
        if key in schema and not is_valid(schema[key]):
            raise ValueError(f"'options.{name}.{key}' must be {expected}")
    if "items" in schema:
        check_schema(f"{name}.items", schema["items"])
    if "default" not in schema:
        return
    if not is_json_default(schema["default"]):
        raise ValueError(f"'options.{name}.default' must be a text, a finite number, a boolean, or a list of these")
    problem = _mismatch(schema, schema["default"])
    if problem:
        raise ValueError(f"'options.{name}.default' must be {problem}")


def _mismatch(schema: Mapping[str, Any], value: Any) -> str | None:
    """Return what a default must be instead; None if it fits."""
    kind = schema.get("type")
    if "enum" in schema and value not in schema["enum"]:
        return f"one of {', '.join(map(str, schema['enum']))}"
    if kind == "array":
        items = schema.get("items", {})
        return (
            None if isinstance(value, list) and not any(_mismatch(items, item) for item in value) else "a list of items"
        )
    actual = json_type(value)
    if kind is not None and actual != kind and (kind, actual) != ("number", "integer"):
        return f"of the type {kind}"
    if not _is_number(value):
        return None
    if value < schema.get("minimum", value):
        return f"at least {schema['minimum']}"
    return f"at most {schema['maximum']}" if value > schema.get("maximum", value) else None
