"""The metadata block of a script (PEP 723) with the table ``[tool.trainyard]``."""

from __future__ import annotations

import importlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from trainyard.scripts.option import Option, is_json_default, json_type
from trainyard.scripts.option_schema import check_schema
from trainyard.scripts.source import UnusableScriptError

# From PEP 723.
_BLOCK = re.compile(r"(?m)^# /// (?P<type>[a-zA-Z0-9-]+)$\s(?P<content>(^#(| .*)$\s)+)^# ///$")

_KEYS = ("title", "description", "options", "arguments", "python", "environment")
_OPTION_KEYS = (
    *("type", "title", "description", "default", "enum", "flag", "required"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    *("minLength", "maxLength", "pattern", "items", "minItems", "maxItems", "uniqueItems"),
)
_MAX_TEXT = 2_000
_ENVIRONMENT_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class Metadata:
    """The metadata of a script."""

    title: str | None = None
    description: str | None = None
    options: tuple[Option, ...] | None = None
    """None: the options are read from its ``add_argument`` calls."""
    arguments: tuple[str, ...] | None = None
    """Template of the argument list."""
    python: str | None = None
    """Path of its interpreter, relative to the folder of the script."""
    environment: Mapping[str, str] = field(default_factory=dict)
    dependencies: tuple[str, ...] = ()
    """PEP 508 requirements."""
    requires_python: str | None = None


def read_metadata(text: str, shown: str) -> Metadata:
    """Return the metadata of a script; empty if it has no block.

    Args:
        text: source of the script, with ``\\n`` as line ends.
        shown: name of the file in messages.

    Raises:
        UnusableScriptError: the block is not valid; the message names the key.
    """
    blocks = [match for match in _BLOCK.finditer(text) if match["type"] == "script"]
    if not blocks:
        return Metadata()
    if len(blocks) > 1:
        raise UnusableScriptError(f"{shown} has {len(blocks)} metadata blocks `# /// script`: keep one.")
    content = "".join(
        line[2:] if line.startswith("# ") else line[1:] for line in blocks[0]["content"].splitlines(keepends=True)
    )
    first_line = text.count("\n", 0, blocks[0].start()) + 1
    document = _parse_toml(content, f"{shown}, metadata block in line {first_line}")
    try:
        return _metadata(document)
    except ValueError as error:
        raise UnusableScriptError(f"{shown}, metadata block in line {first_line}: {error}.") from error


def _parse_toml(content: str, place: str) -> dict[str, Any]:
    for name in ("tomllib", "tomli", "pip._vendor.tomli"):  # Python 3.10 has no tomllib
        try:
            parser = importlib.import_module(name)
        except ImportError:
            continue
        try:
            document: dict[str, Any] = parser.loads(content)
        except (ValueError, RecursionError) as error:
            raise UnusableScriptError(f"{place}: {error}.") from error
        return document
    raise UnusableScriptError(f"{place}: needs Python 3.11 or newer, or the package tomli.")


def _metadata(document: dict[str, Any]) -> Metadata:
    tool = document.get("tool", {})
    table = tool.get("trainyard", {}) if isinstance(tool, dict) else {}
    if not isinstance(table, dict):
        raise ValueError("'tool.trainyard' must be a table")
    for key in table:
        if key not in _KEYS:
            raise ValueError(f"unknown key '{key}' in [tool.trainyard]: use {', '.join(_KEYS)}")
    environment = table.get("environment", {})
    if not isinstance(environment, dict):
        raise ValueError("'environment' must be a table of texts")
    for name, value in environment.items():
        if not isinstance(value, str) or "\0" in value or not _ENVIRONMENT_NAME.fullmatch(name):
            raise ValueError(f"'environment.{name}' must be a variable name with a text")
        if name.startswith("TRAINYARD_") and name != "TRAINYARD_CAPTURE":
            raise ValueError(f"'environment.{name}' is set by Trainyard: remove it")
    return Metadata(
        title=_text(table, "title"),
        description=_text(table, "description"),
        options=_options(table["options"]) if "options" in table else None,
        arguments=tuple(_texts(table, "arguments")) if "arguments" in table else None,
        python=_text(table, "python"),
        environment=dict(environment),
        dependencies=tuple(_texts(document, "dependencies")) if "dependencies" in document else (),
        requires_python=_text(document, "requires-python"),
    )


def _text(table: Mapping[str, Any], key: str) -> str | None:
    value = table.get(key)
    if value is not None and (not isinstance(value, str) or not value.strip() or len(value) > _MAX_TEXT):
        raise ValueError(f"'{key}' must be a text of at most {_MAX_TEXT} characters")
    return value


def _texts(table: Mapping[str, Any], key: str) -> list[str]:
    value = table[key]
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError(f"'{key}' must be a list of texts")
    return value


def _options(table: object) -> tuple[Option, ...]:
    if not isinstance(table, dict):
        raise ValueError("'options' must be a table")
    if "" in table:
        raise ValueError("an option in 'options' has no name")
    return tuple(_option(name, value) for name, value in table.items())


def _option(name: str, value: object) -> Option:
    """Return an option from its short form (a default, or a list of choices) or from a table."""
    if not isinstance(value, dict):
        if isinstance(value, list):
            if not value or not is_json_default(value):
                raise ValueError(f"'options.{name}' must be a default, a list of choices, or a table")
            value = {"enum": value, "default": value[0]}
        elif json_type(value) is None or not is_json_default(value):
            raise ValueError(f"'options.{name}' must be a default, a list of choices, or a table")
        else:
            value = {"type": json_type(value), "default": value}
    unknown = next((key for key in value if key not in _OPTION_KEYS), None)
    if unknown is not None:
        raise ValueError(f"unknown key '{unknown}' in options.{name}: use {', '.join(sorted(_OPTION_KEYS))}")
    schema = {key: item for key, item in value.items() if key not in ("flag", "required")}
    if "type" not in schema:
        choices = schema.get("enum", [schema.get("default", "")])
        types = {json_type(item) for item in choices} if isinstance(choices, list) else set()
        kind = types.pop() if len(types) == 1 else None
        if kind is not None:
            schema["type"] = kind
    check_schema(name, schema)
    flag = value.get("flag", f"--{name}")
    if not isinstance(flag, str) or not re.fullmatch(r"--?[^\s=-][^\s=]*", flag):
        raise ValueError(f"'options.{name}.flag' must be a flag such as '--{name}'")
    required = value.get("required", False)
    if not isinstance(required, bool):
        raise ValueError(f"'options.{name}.required' must be true or false")
    if schema.get("type") == "boolean":
        return Option(name, (flag,), schema, "switch", required, off_flag=_off_flag(flag, schema.get("default")))
    return Option(name, (flag,), schema, "values" if schema.get("type") == "array" else "value", required)


def _off_flag(flag: str, default: object) -> str | None:
    return f"--no-{flag[2:]}" if default is True and flag.startswith("--") else None
