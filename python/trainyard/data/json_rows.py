"""Find the rows of a table in a decoded JSON object: an array of objects, columns, or rows by number."""

from __future__ import annotations

from collections.abc import Mapping

from trainyard.data.json_decode import Record

Rows = tuple[list[Record], list[str]]
"""The objects, and notes on how they were found."""

# How deep in other objects an array of objects is looked for.
_MAX_LEVELS = 3
_MAX_NAMED = 5
_MAX_NAME = 40


def longest(sizes: Mapping[str, int]) -> tuple[str, list[str]]:
    """Return the key of the longest array of objects in a document, the first of equal ones; and a note on others."""
    chosen = max(sizes, key=lambda key: sizes[key])
    others = [repr(key[:_MAX_NAME]) for key in sizes if key != chosen]
    if not others:
        return chosen, []
    named = ", ".join(others[:_MAX_NAMED]) + (", ..." if len(others) > _MAX_NAMED else "")
    rows = f"The rows are those of {chosen[:_MAX_NAME]!r}, the longest array of objects in the document."
    return chosen, [f"{rows} Not read: {named}."]


def array_of(value: Record) -> Rows | None:
    """Return the longest array of objects among the values; None if there is none."""
    arrays = {key: each for key, each in value.items() if isinstance(each, list) and each and isinstance(each[0], dict)}
    if not arrays:
        return None
    chosen, notes = longest({key: len(each) for key, each in arrays.items()})
    return arrays[chosen], notes


def rows_of(value: Record, nested: bool = True) -> Rows | None:
    """Return the rows of an object of columns: equally long arrays, or objects with equal keys; None for another.

    Args:
        nested: whether to look for an array of objects in its objects too.
    """
    columns = list(value.values())
    if len(columns) == 1 and isinstance(columns[0], dict):
        return array_of(columns[0]) or rows_of(columns[0])
    rows = _split_rows(value) or _rows_of_columns(value)
    if rows is not None:
        return rows, []
    return _array_within(value, _MAX_LEVELS) if nested else None


def _array_within(value: Record, levels: int) -> Rows | None:
    """Return the longest array of objects of the first object that has one."""
    for each in value.values():
        if isinstance(each, dict) and levels > 0:
            found = array_of(each) or _array_within(each, levels - 1)
            if found is not None:
                return found
    return None


def _rows_of_columns(value: Record) -> list[Record] | None:
    columns = list(value.values())
    if len(columns) < 2:
        return None
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
