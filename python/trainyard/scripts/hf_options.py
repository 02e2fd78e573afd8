"""Options of scripts that parse dataclasses with ``HfArgumentParser``."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Any

from trainyard.scripts.literals import evaluate
from trainyard.scripts.option import Option, is_json_default, json_type

_TYPES = {"int": "integer", "float": "number", "str": "string", "bool": "boolean"}

_TRAINING_ARGUMENTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("output_dir", {"type": "string", "description": "Folder for checkpoints and the final model."}),
    ("num_train_epochs", {"type": "number", "default": 3.0}),
    ("per_device_train_batch_size", {"type": "integer", "default": 8}),
    ("learning_rate", {"type": "number", "default": 5e-5}),
    ("seed", {"type": "integer", "default": 42}),
    ("resume_from_checkpoint", {"type": "string", "description": "Checkpoint to continue from."}),
)
"""The options of Transformers' ``TrainingArguments`` that Trainyard uses; the others are passed as arguments."""


def hf_options(tree: ast.Module, calls: list[ast.Call], names: Mapping[str, Any]) -> Iterator[Option]:
    """Yield the options of the dataclasses that are passed to ``HfArgumentParser``."""
    classes = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
    for call in calls:
        if not ast.unparse(call.func).endswith("HfArgumentParser"):
            continue
        given = [*call.args[:1], *(word.value for word in call.keywords if word.arg == "dataclass_types")]
        for argument in given:
            for item in argument.elts if isinstance(argument, (ast.Tuple, ast.List)) else [argument]:
                yield from _of_class(ast.unparse(item).rpartition(".")[2], classes, names, depth=0)


def _of_class(name: str, classes: Mapping[str, ast.ClassDef], names: Mapping[str, Any], depth: int) -> Iterator[Option]:
    if name not in classes:
        if name.endswith("TrainingArguments"):
            for option, schema in _TRAINING_ARGUMENTS:
                yield Option(option, (f"--{option}",), dict(schema))
        return
    for statement in classes[name].body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            option_of_field = _of_field(statement.target.id, statement, classes, names)
            if option_of_field is not None:
                yield option_of_field
    if depth < 5:
        for base in classes[name].bases:
            yield from _of_class(ast.unparse(base).rpartition(".")[2], classes, names, depth + 1)


def _of_field(
    name: str, field: ast.AnnAssign, classes: Mapping[str, ast.ClassDef], names: Mapping[str, Any]
) -> Option | None:
    written = re.sub(r"\b(typing|t)\.|['\" ]", "", ast.unparse(field.annotation))
    optional = re.fullmatch(r"Optional\[(.*)\]|(.*)\|None", written)
    plain = (optional[1] or optional[2]) if optional else written
    items = re.fullmatch(r"[Ll]ist\[(\w+)\]", plain)
    kind = _TYPES.get(items[1] if items else plain)
    choices = _choices(field.annotation, classes, names) if kind is None else None
    if choices:
        kind = json_type(choices[0])
    if kind is None:
        return None
    call = field.value if isinstance(field.value, ast.Call) else None
    keywords = {word.arg: word.value for word in call.keywords} if call else {}
    has_default = field.value is not None and (call is None or not keywords.keys().isdisjoint(_DEFAULTS))
    default = evaluate(keywords.get("default") if call else field.value, names)
    schema: dict[str, Any] = {"type": "array", "items": {"type": kind}} if items else {"type": kind}
    if choices:
        schema["enum"] = choices
    fits = default in choices if choices else json_type(default) == kind or kind == "number"
    if not items and fits and is_json_default(default):
        schema["default"] = default
    metadata = evaluate(keywords.get("metadata"), names)
    text = metadata.get("help") if isinstance(metadata, dict) else None
    if isinstance(text, str):
        schema["description"] = " ".join(text.split())[:2_000]
    return Option(
        name,
        (f"--{name}",),
        schema,
        "values" if items else "value",
        required=not has_default and not optional,
        has_optional_value=kind == "boolean",
    )


def _choices(annotation: ast.expr, classes: Mapping[str, ast.ClassDef], names: Mapping[str, Any]) -> list[Any] | None:
    """Return the values of a ``Literal`` or of an enumeration of the script; None if a field is neither."""
    for node in ast.walk(annotation):
        values: Any = None
        if isinstance(node, ast.Subscript) and ast.unparse(node.value).rpartition(".")[2] == "Literal":
            value = evaluate(node.slice, names)
            values = value if isinstance(value, list) else [value]
        elif isinstance(node, ast.Name) and node.id in classes:
            definition = classes[node.id]
            if any(ast.unparse(base).rpartition(".")[2] in _ENUMS for base in definition.bases):
                values = [evaluate(item.value, names) for item in definition.body if isinstance(item, ast.Assign)]
        if values and is_json_default(values) and len({json_type(value) for value in values}) == 1:
            return list(values)
    return None


_ENUMS = ("Enum", "IntEnum", "StrEnum", "ExplicitEnum")
_DEFAULTS = ("default", "default_factory")
