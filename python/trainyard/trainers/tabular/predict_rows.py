"""Predict table rows with a trained model. Everything that predicts uses this function: command, worker and job."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import polars as pl
import torch
from torch import nn

from trainyard.data import CategoryColumn, Column, ColumnKind, InvalidDatasetError, TextColumn, read_column
from trainyard.data.columns.characters import folded
from trainyard.data.columns.missing import MARKERS
from trainyard.data.columns.value_text import to_texts
from trainyard.trainers.tabular.category_encoder import CategoryEncoder
from trainyard.trainers.tabular.encoders import Encoder, encode_columns
from trainyard.trainers.tabular.schema import ModelSchema

_MAX_SHOWN_COLUMNS = 30
_MAX_MISSING_SHOWN = 10


@dataclass(frozen=True)
class Model:
    """A loaded checkpoint: the schema, and the network in evaluation mode on the CPU."""

    schema: ModelSchema
    network: nn.Module


@dataclass(frozen=True)
class Rows:
    """Rows to predict. `columns[name]`, shape (rows,), are stripped texts or typed values, with null for an empty cell.

    `line_of(row)` is the place of a row, from 0. `path` is the file for messages; its name is enough.
    """

    columns: Mapping[str, pl.Series]
    line_of: Callable[[int], int]
    path: Path
    decimal_comma: bool = False


@dataclass(frozen=True)
class Predictions:
    """The predictions for some rows.

    Shapes: `values` (rows, targets) float64 for a regression, in the units of the targets; (rows,) int64, indices of
    `ModelSchema.classes`, for a classification. `probabilities` (rows, classes) for a classification, otherwise None.
    `unread` maps columns to the cells that the model could not use.
    """

    values: npt.NDArray[Any]
    probabilities: npt.NDArray[np.float32] | None
    unread: dict[str, Unread]


@dataclass(frozen=True)
class Unread:
    """Cells of one column that the model could not use: their number, and text and place of the first one."""

    kind: str  # number, date or category: what the model expects
    count: int
    first: str
    line: int

    def __add__(self, later: Unread) -> Unread:
        return Unread(self.kind, self.count + later.count, self.first, self.line)


@torch.no_grad()
def predict_rows(model: Model, rows: Rows) -> Predictions:
    """Predict each row. Missing values and unknown texts are encoded as in training.

    Raises:
        InvalidDatasetError: a column is missing, or a number is infinite.
    """
    check_columns(model.schema, list(rows.columns), rows.path)
    columns: dict[str, Column] = {}
    unread: dict[str, Unread] = {}
    for encoder in model.schema.encoders:
        cells = rows.columns[encoder.column]
        kind = model.schema.kind_of(encoder, rows.decimal_comma)
        column = columns[encoder.column] = read_column(cells, kind, rows.path, rows.line_of)
        found = _unread(encoder, kind, column, cells, rows.line_of)
        if found is not None:
            unread[encoder.column] = found
    height = max(map(len, rows.columns.values()), default=0)
    outputs = model.network(torch.from_numpy(encode_columns(model.schema.encoders, columns, height)))
    if model.schema.task == "regression":
        return Predictions(model.schema.to_target_units(outputs.numpy()), None, unread)
    probabilities = outputs.softmax(dim=1).numpy()
    return Predictions(np.argmax(probabilities, axis=1), probabilities, unread)


def check_columns(schema: ModelSchema, names: Sequence[str], path: Path) -> None:
    """Raise InvalidDatasetError, with the most similar name, unless all feature columns are among `names`."""
    known = set(names)
    missing = [encoder.column for encoder in schema.encoders if encoder.column not in known]
    if not missing:
        return
    near = difflib.get_close_matches(missing[0], names, n=1)
    more = len(missing) - _MAX_MISSING_SHOWN
    raise InvalidDatasetError(
        f"missing {'column' if len(missing) == 1 else 'columns'} "
        + ", ".join(map(repr, missing[:_MAX_MISSING_SHOWN]))
        + (f" and {more} more" if more > 0 else "")
        + ", required by the model. "
        + (f"Rename {near[0]!r} if it is {missing[0]!r}. " if near else "")
        + f"Columns of the file: {', '.join(names[:_MAX_SHOWN_COLUMNS])}"
        + (", ..." if len(names) > _MAX_SHOWN_COLUMNS else "")
        + ".",
        path=path,
    )


def warnings_of(unread: Mapping[str, Unread], rows: int, place: Literal["row", "line"]) -> list[str]:
    """Return a sentence for each column with cells that the model could not use.

    Args:
        rows: total number of rows.
        place: what `Rows.lines` counts.
    """
    return [_warning(name, found, rows, place) for name, found in unread.items()]


def _warning(name: str, found: Unread, rows: int, place: str) -> str:
    first = f"the first is {found.first[:40]!r} in {place} {found.line}"
    if found.kind == "category":
        return f"Column {name!r}: {found.count} of {rows} rows have a value that the model does not know; {first}."
    return f"Column {name!r}: {found.count} of {rows} values are not {found.kind}s and count as missing; {first}."


def _unread(
    encoder: Encoder, kind: ColumnKind, column: Column, cells: pl.Series, line_of: Callable[[int], int]
) -> Unread | None:
    if isinstance(column, TextColumn):
        return None
    if isinstance(column, CategoryColumn):
        assert isinstance(encoder, CategoryEncoder)
        known = {folded(text) for text in encoder.levels}
        # The last entry, for MISSING_CODE, is a usable value; the one before, for OTHER_CODE, is not.
        strange = np.array([folded(text) not in known for text in column.levels] + [True, False])
        positions = np.flatnonzero(strange[column.codes])
        return _first(kind.kind, positions, cells, line_of, lambda cell: False)
    positions = np.flatnonzero(np.isnan(column.values))
    empty = {"", *MARKERS, *(text.lower() for text in kind.missing)}
    return _first(kind.kind, positions, cells, line_of, lambda cell: cell.lower() in empty)


def _first(
    kind: str,
    positions: npt.NDArray[np.int64],
    cells: pl.Series,
    line_of: Callable[[int], int],
    is_empty: Callable[[str], bool],
) -> Unread | None:
    if len(positions) == 0:
        return None
    texts = to_texts(cells.gather(positions)).fill_null("").to_list()
    found = [(position, text) for position, text in zip(positions.tolist(), texts) if not is_empty(text)]
    return Unread(kind, len(found), found[0][1], line_of(found[0][0])) if found else None
