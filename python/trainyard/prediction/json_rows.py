"""Convert JSON rows to the cells that a file with the same content has."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

from trainyard.data import InvalidDatasetError
from trainyard.trainers.tabular.predict_rows import Rows

_MAX_DEPTH = 32


def rows_from_json(values: Sequence[Any], decimal_commas: Collection[str] = ()) -> Rows:
    """Return the rows of a request. A column that a row lacks is an empty cell.

    Nested objects and arrays become columns, such as `size.width` and `pixels.0`. null is an empty cell.

    Args:
        values: the rows.
        decimal_commas: columns whose texts have decimal commas. A JSON number there means the same as elsewhere.

    Raises:
        InvalidDatasetError: a row is not an object, or is nested too deeply.
    """
    path = Path("rows")
    columns: dict[str, list[str]] = {}
    for position, row in enumerate(values):
        if not isinstance(row, dict):
            raise InvalidDatasetError(
                'expected an object such as {"age": 30, "city": "Oslo"}.', path=path, line=position + 1
            )
        for key, cell, is_number in _cells(row, "", 0, position):
            name = _encodable(key)
            cells = columns.get(name)
            if cells is None:
                cells = columns[name] = [""] * len(values)
            cells[position] = cell.replace(".", ",") if is_number and name in decimal_commas else cell
    return Rows(columns, range(1, len(values) + 1), path)


def _cells(value: Any, name: str, depth: int, position: int) -> Iterator[tuple[str, str, bool]]:
    if depth > _MAX_DEPTH:
        raise InvalidDatasetError("values are nested too deeply. Flatten them.", path=Path("rows"), line=position + 1)
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _cells(inner, f"{name}.{key}" if depth else key, depth + 1, position)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _cells(inner, f"{name}.{index}", depth + 1, position)
    else:
        yield name, _text(value), isinstance(value, float)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return _encodable(value.strip())
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value)


def _encodable(text: str) -> str:
    """Replace lone surrogates, which JSON can contain but a table cannot."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
