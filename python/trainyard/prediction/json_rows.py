"""Read the rows of a request by the rules for a JSON file, so that a model predicts both alike."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from trainyard.data import ColumnKind, InvalidDatasetError
from trainyard.data.flatten import Scalar, flatten
from trainyard.data.json_columns import dtype_of, to_series, type_of
from trainyard.trainers.tabular.predict_rows import Rows, check_columns
from trainyard.trainers.tabular.schema import ModelSchema

_PATH = Path("rows")


def rows_from_json(values: Sequence[Any], schema: ModelSchema) -> Rows:
    """Return the columns of the model in the rows of a request. A column that a row lacks is an empty cell.

    Raises:
        InvalidDatasetError: a row is not an object, has two values for a column, or is nested too deeply; or a column
            is in no row.
    """
    kinds = {encoder.column: schema.kind_of(encoder, False) for encoder in schema.encoders}
    columns: dict[str, list[Scalar]] = {name: [None] * len(values) for name in kinds}
    names: dict[str, None] = {}
    for position, row in enumerate(values):
        flat = _flat(row, position + 1)
        names.update(dict.fromkeys(flat))
        for name in flat.keys() & kinds.keys():
            columns[name][position] = flat[name]
    check_columns(schema, list(names), _PATH)
    return Rows(
        {name: _series(name, cells, kinds[name]) for name, cells in columns.items()}, lambda row: row + 1, _PATH
    )


def _flat(row: Any, number: int) -> dict[str, Scalar]:
    if not isinstance(row, dict):
        raise InvalidDatasetError('expected an object such as {"age": 30, "city": "Oslo"}.', path=_PATH, line=number)
    try:
        return flatten(row)
    except RecursionError as error:
        raise InvalidDatasetError("values are nested too deeply. Flatten them.", path=_PATH, line=number) from error
    except ValueError as error:
        problem = "two values of the object have this column name. Remove or rename one of them."
        raise InvalidDatasetError(problem, path=_PATH, line=number, column=str(error)) from error


def _series(name: str, cells: list[Scalar], kind: ColumnKind) -> pl.Series:
    dtype = dtype_of(frozenset(map(type_of, cells)))
    if dtype == pl.String and kind.kind == "number" and kind.notation.decimal == ",":
        # Among texts such as "1,5", the number 1.125 would be read as 1125.
        cells = [repr(cell).replace(".", ",") if type(cell) is float else cell for cell in cells]
    return to_series(name, cells, dtype)
