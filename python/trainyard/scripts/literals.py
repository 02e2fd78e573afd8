"""Values of simple expressions in a syntax tree. Nothing is run."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

UNKNOWN: Any = object()
"""The value of an expression that depends on the running program."""

_MAX_DEPTH = 20
_MAX_ITEMS = 1_000
_MAX_TEXT = 10_000

_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.LShift: operator.lshift,
    ast.Pow: operator.pow,
}


def module_constants(tree: ast.Module) -> dict[str, Any]:
    """Return the values of names that are assigned exactly once at the top level of a module, if they are simple."""
    values: dict[str, Any] = {}
    assigned: set[str] = set()
    for statement in tree.body:
        if isinstance(statement, ast.Assign):
            targets, expression = statement.targets, statement.value
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            targets, expression = [statement.target], statement.value
        else:
            continue
        for target in targets:
            if isinstance(target, ast.Name):
                value = UNKNOWN if target.id in assigned else evaluate(expression, values)
                values[target.id] = value
                assigned.add(target.id)
    return values


def evaluate(node: ast.expr | None, names: Mapping[str, Any], depth: int = 0) -> Any:
    """Return the value of an expression, or ``UNKNOWN``.

    Knows literals, arithmetic with numbers, lists, tuples, sets and dicts of these, names in ``names``,
    items of these, ``range(...)``, ``list(...)``, ``sorted(...)``, ``Path("...")`` and ``d.keys()``.
    """
    if node is None or depth > _MAX_DEPTH:
        return UNKNOWN

    def inner(child: ast.expr) -> Any:
        return evaluate(child, names, depth + 1)

    if isinstance(node, ast.Constant):
        return UNKNOWN if isinstance(node.value, (bytes, complex)) or node.value is Ellipsis else node.value
    if isinstance(node, ast.Name):
        return names.get(node.id, UNKNOWN)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
        value = inner(node.operand)
        if not _is_number(value):
            return UNKNOWN
        return -value if isinstance(node.op, ast.USub) else value
    if isinstance(node, ast.BinOp):
        return _binary(type(node.op), inner(node.left), inner(node.right))
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return _known_list([inner(item) for item in node.elts[: _MAX_ITEMS + 1]])
    if isinstance(node, ast.Dict):
        return _dictionary(node, inner)
    if isinstance(node, ast.JoinedStr):
        parts = [inner(part) for part in node.values]  # unknown if it has a placeholder
        return "".join(parts) if all(isinstance(part, str) for part in parts) else UNKNOWN
    if isinstance(node, ast.Subscript):
        return _item(inner(node.value), inner(node.slice))
    if isinstance(node, ast.Call) and not node.keywords:
        return _call(node, inner)
    return UNKNOWN


def _binary(kind: type[ast.operator], left: Any, right: Any) -> Any:
    if kind is ast.Add and isinstance(left, str) and isinstance(right, str) and len(left) + len(right) <= _MAX_TEXT:
        return left + right
    if kind is ast.Add and isinstance(left, list) and isinstance(right, list):
        return _known_list(left + right)
    compute = _ARITHMETIC.get(kind)
    if compute is None or not _is_number(left) or not _is_number(right):
        return UNKNOWN
    if kind in (ast.Pow, ast.LShift) and (abs(left) > 1e6 or abs(right) > 64):
        return UNKNOWN
    try:
        value = compute(left, right)
    except (ArithmeticError, TypeError, ValueError):
        return UNKNOWN
    return value if _is_number(value) else UNKNOWN


def _dictionary(node: ast.Dict, inner: Callable[[ast.expr], Any]) -> Any:
    """Return a dict with simple keys. Its values may be unknown: only the keys are choices."""
    keys = [UNKNOWN if key is None else inner(key) for key in node.keys[: _MAX_ITEMS + 1]]
    known = _known_list(keys)
    if known is UNKNOWN or not all(key is None or isinstance(key, (str, int, float)) for key in known):
        return UNKNOWN
    return {key: inner(value) for key, value in zip(known, node.values)}


def _item(values: Any, key: Any) -> Any:
    """Return ``values[key]`` of a list or a dict."""
    if isinstance(values, list) and type(key) is int and -len(values) <= key < len(values):
        return values[key]
    if isinstance(values, dict) and isinstance(key, (str, int, float)):
        return values.get(key, UNKNOWN)
    return UNKNOWN


def _call(node: ast.Call, inner: Callable[[ast.expr], Any]) -> Any:
    if isinstance(node.func, ast.Attribute) and node.func.attr == "keys" and not node.args:
        value = inner(node.func.value)
        return list(value) if isinstance(value, dict) else UNKNOWN
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", None)
    arguments = [inner(argument) for argument in node.args[:4]]
    if any(argument is UNKNOWN for argument in arguments) or not arguments:
        return UNKNOWN
    first = arguments[0]
    if name == "range" and all(type(argument) is int for argument in arguments) and len(arguments) <= 3:
        if len(arguments) == 3 and arguments[2] == 0:
            return UNKNOWN
        numbers = range(*arguments)
        return list(numbers) if len(numbers) <= _MAX_ITEMS else UNKNOWN
    if name in ("list", "tuple", "sorted") and len(arguments) == 1 and isinstance(first, (list, dict)):
        try:
            return sorted(first) if name == "sorted" else list(first)
        except TypeError:
            return UNKNOWN
    if name == "Path" and len(arguments) == 1 and isinstance(first, str):
        return first
    return UNKNOWN


def _known_list(items: list[Any]) -> Any:
    return UNKNOWN if len(items) > _MAX_ITEMS or any(item is UNKNOWN for item in items) else items


def _is_number(value: Any) -> bool:
    """Whether a value is a number that JSON and clients can express exactly."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return math.isfinite(value) if isinstance(value, float) else abs(value) < 1 << 53
