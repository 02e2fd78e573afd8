"""Read the options of a script from its ``add_argument`` calls, in the syntax tree: the script is never run."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from trainyard.scripts.hf_options import hf_options
from trainyard.scripts.literals import UNKNOWN, evaluate, module_constants
from trainyard.scripts.option import MAX_OPTIONS, Kind, Option, is_json_default, json_type

_MAX_DESCRIPTION = 2_000
_MAX_NAME = 128

_IGNORED_ACTIONS = ("help", "version", "append_const")
_TYPES = {"int": "integer", "float": "number", "str": "string"}


@dataclass(frozen=True)
class CommandLine:
    """The command line of a script, as far as its source shows."""

    options: tuple[Option, ...]
    description: str | None
    """Description of the parser."""
    reason: str | None
    """Why no options are listed although the script has a parser, as a sentence; None otherwise."""


def read_command_line(tree: ast.Module) -> CommandLine:
    """Return the options that a script defines with ``argparse`` or with ``HfArgumentParser``."""
    names = module_constants(tree)
    calls = sorted((node for node in ast.walk(tree) if isinstance(node, ast.Call)), key=_position)
    description = _parser_description(calls, names)
    if any(_method(call) in ("add_subparsers", "add_parser") for call in calls):
        return CommandLine((), description, "Its subcommands are not listed: pass them as arguments.")
    options: dict[str, Option] = {}
    prefixes = _flag_prefixes(calls, names)
    for call in calls:
        if _method(call) == "add_argument":
            option = _option(call, names, prefixes)
            if option is not None:
                known = options.get(option.name)
                options[option.name] = option if known is None else _joined(known, option)
    for option in hf_options(tree, calls, names):
        options.setdefault(option.name, option)
    defaults = _set_defaults(calls, names)
    listed = [_with_default(option, defaults) for option in options.values()]
    return CommandLine(tuple(listed[:MAX_OPTIONS]), description, None)


def _position(node: ast.Call) -> tuple[int, int]:
    # A chained call starts where its receiver starts; its end is later.
    return (node.end_lineno or node.lineno, node.end_col_offset or 0)


def _method(call: ast.Call) -> str | None:
    return call.func.attr if isinstance(call.func, ast.Attribute) else None


def _called_name(call: ast.Call) -> str:
    return _method(call) or (call.func.id if isinstance(call.func, ast.Name) else "")


def _parser_description(calls: list[ast.Call], names: Mapping[str, Any]) -> str | None:
    for call in calls:
        if re.search(r"Arg(ument)?Parser$", _called_name(call)):
            description = evaluate(_keywords(call).get("description"), names)
            if isinstance(description, str) and description.strip():
                return " ".join(description.split())[:_MAX_DESCRIPTION]
    return None


def _flag_prefixes(calls: list[ast.Call], names: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the characters that flags start with: a hyphen, unless a parser says otherwise."""
    given = [evaluate(_keywords(call)["prefix_chars"], names) for call in calls if "prefix_chars" in _keywords(call)]
    return tuple({character for text in given if isinstance(text, str) for character in text} or {"-"})


def _set_defaults(calls: list[ast.Call], names: Mapping[str, Any]) -> dict[str, Any]:
    defaults: dict[str, Any] = {}
    for call in calls:
        if _method(call) == "set_defaults":
            defaults.update({name: evaluate(value, names) for name, value in _keywords(call).items()})
    return defaults


def _with_default(option: Option, defaults: Mapping[str, Any]) -> Option:
    if option.name not in defaults:
        return option
    schema = {key: value for key, value in option.schema.items() if key != "default"}
    value = defaults[option.name]
    if _default_fits(schema, value):
        schema["default"] = value
    return replace(option, schema=schema, required=False)


def _keywords(call: ast.Call) -> dict[str, ast.expr]:
    return {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg is not None}


def _option(call: ast.Call, names: Mapping[str, Any], prefixes: tuple[str, ...]) -> Option | None:
    """Return the option of an ``add_argument`` call; None if its name is computed or users cannot set it.

    Args:
        prefixes: characters that flags start with.
    """
    spellings = [evaluate(argument, names) for argument in call.args]
    if not spellings or not all(isinstance(text, str) and 0 < len(text) <= _MAX_NAME for text in spellings):
        return None
    given = _keywords(call)
    action = _action(given.get("action"), names)
    if action in _IGNORED_ACTIONS or _suppresses_help(given.get("help")):
        return None
    flags = tuple(text for text in spellings if text.startswith(prefixes))
    if flags and len(flags) != len(spellings):
        return None
    name = evaluate(given.get("dest"), names) if "dest" in given else None
    if not isinstance(name, str):
        long_flag = next((flag for flag in flags if flag[1:2] in prefixes), flags[0] if flags else spellings[0])
        name = long_flag.lstrip("".join(prefixes)).replace("-", "_") if flags else spellings[0]
    option = _by_action(name, flags, action, given, names)
    if option is None:
        return None
    nargs = evaluate(given.get("nargs"), names)
    required = evaluate(given.get("required"), names) is True if flags else nargs not in ("?", "*")
    schema = {**_help(given.get("help"), option.schema, names), **option.schema}
    return replace(option, schema=schema, required=required)


def _by_action(
    name: str, flags: tuple[str, ...], action: str, given: Mapping[str, ast.expr], names: Mapping[str, Any]
) -> Option | None:
    default = evaluate(given.get("default"), names) if "default" in given else None
    if action in ("store_true", "store_const"):
        return Option(name, flags, {"type": "boolean", "default": default is True}, "switch") if flags else None
    if action == "store_false":
        off = next((flag for flag in flags if flag.startswith("--")), flags[0] if flags else None)
        return Option(name, (), {"type": "boolean", "default": default is not False}, "switch", off_flag=off)
    if action == "BooleanOptionalAction":
        schema: dict[str, Any] = {"type": "boolean"}
        if isinstance(default, bool):
            schema["default"] = default
        long_flag = next((flag for flag in flags if flag.startswith("--")), None)
        return Option(name, flags, schema, "switch", off_flag=long_flag and f"--no-{long_flag[2:]}")
    if action == "count":
        return Option(name, flags, {"type": "integer", "minimum": 0, "maximum": 10}, "count") if flags else None
    return _stored_value(name, flags, action, given, names, default)


def _stored_value(
    name: str,
    flags: tuple[str, ...],
    action: str,
    given: Mapping[str, ast.expr],
    names: Mapping[str, Any],
    default: Any,
) -> Option | None:
    nargs = evaluate(given.get("nargs"), names) if "nargs" in given else None
    if nargs == "..." or nargs is UNKNOWN:  # argparse.REMAINDER, or computed
        return None
    kind: Kind = "value"
    if action == "append":
        kind = "repeat"
    elif nargs in ("*", "+") or type(nargs) is int or action == "extend":
        kind = "values"
    item, words = _item_schema(given, names, default)
    schema = dict(item)
    if kind != "value":
        schema = {"type": "array", "items": item}
        if nargs == "+" and kind == "values":
            schema["minItems"] = 1
        elif type(nargs) is int:
            schema |= {"minItems": nargs, "maxItems": nargs}
    if _default_fits(schema, default):
        schema["default"] = default
    return Option(name, flags, schema, kind, words=words, has_optional_value=nargs == "?" and bool(flags))


def _item_schema(
    given: Mapping[str, ast.expr], names: Mapping[str, Any], default: Any
) -> tuple[dict[str, Any], tuple[str, str]]:
    """Return the schema of one value, and the texts of true and false."""
    written = given.get("type")
    name = ast.unparse(written) if written is not None else ""
    words = ("true", "false")
    sample = default[0] if isinstance(default, list) and default else default
    if name == "bool":
        kind: str | None = "boolean"
        words = ("True", "")  # bool() of any other text is true
    elif "bool" in name.lower():  # a function such as str2bool
        kind = "boolean"
    elif name in _TYPES:
        kind = _TYPES[name]
    elif re.search(r"(^|[._])(int|float)$", name):  # such as positive_int
        kind = "integer" if name.endswith("int") else "number"
    else:
        # Without a type, argparse leaves a default as it is: it shows which type the author has in mind.
        kind = (json_type(sample) if written is None else None) or "string"
        if kind == "boolean":
            kind = "string"
    schema: dict[str, Any] = {"type": kind}
    choices = evaluate(given.get("choices"), names) if "choices" in given else None
    if isinstance(choices, dict):
        choices = list(choices)
    if isinstance(choices, str):
        choices = list(choices)
    if isinstance(choices, list) and choices and is_json_default(choices):
        schema = {"enum": choices}
        types = {json_type(choice) for choice in choices}
        if len(types) == 1:
            schema["type"] = types.pop()
    return schema, words


def _default_fits(schema: Mapping[str, Any], value: Any) -> bool:
    """Whether a default is of the option's type: a form must be able to send it."""
    if value is UNKNOWN or value is None or not is_json_default(value):
        return False
    if "enum" in schema and not isinstance(value, list):
        return value in schema["enum"]
    kind = schema.get("type")
    if kind == "array":
        return isinstance(value, list) and all(_default_fits(schema["items"], item) for item in value)
    actual = json_type(value)
    return actual == kind or (kind == "number" and actual == "integer")


def _action(node: ast.expr | None, names: Mapping[str, Any]) -> str:
    """Return the name of an action: its text, or the last part of its class."""
    if node is None:
        return "store"
    value = evaluate(node, names)
    if isinstance(value, str):
        return value
    return ast.unparse(node).rpartition(".")[2]


def _suppresses_help(node: ast.expr | None) -> bool:
    return isinstance(node, (ast.Attribute, ast.Name)) and ast.unparse(node).endswith("SUPPRESS")


def _help(node: ast.expr | None, schema: Mapping[str, Any], names: Mapping[str, Any]) -> dict[str, str]:
    text = evaluate(node, names) if node is not None else None
    if not isinstance(text, str) or not text.strip():
        return {}
    shown = {"default": schema.get("default", "none"), "choices": ", ".join(map(str, schema.get("enum", [])))}

    def expand(match: re.Match[str]) -> str:
        return "%" if match[0] == "%%" else str(shown.get(match[1], ""))

    expanded = re.sub(r"%%|%\((\w+)\)[-+ #0-9.]*[a-z]", expand, text)
    return {"description": " ".join(expanded.split())[:_MAX_DESCRIPTION]}


def _joined(first: Option, second: Option) -> Option:
    """Return one switch for two flags with the same ``dest``; otherwise the first definition wins."""
    if first.kind == second.kind == "switch":
        return replace(first, flags=first.flags or second.flags, off_flag=first.off_flag or second.off_flag)
    return first
