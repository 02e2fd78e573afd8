"""Distinguish classes from quantities, and read the cells of a target as one or the other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

import polars as pl

from trainyard.data import ColumnKind, Inferred, InvalidDatasetError
from trainyard.data.columns.inferred import LineOf, first_cells
from trainyard.data.columns.notation import split
from trainyard.data.columns.text_kind import WRITE_AS_SUCH
from trainyard.data.columns.texts import distinct_texts

Task = Literal["regression", "classification"]

# Whole numbers are class labels if there are two of them, if they are all of 0..k or 1..k with at most _MAX_COUNTED
# values, or if each of at most MAX_NUMBERED_CLASSES values is frequent, as 10, 20 and 30 are. Counts have rare values.
MAX_NUMBERED_CLASSES, _MAX_COUNTED = 20, 10
_MIN_ROWS_PER_CLASS = 3
_MIN_FREQUENT_ROWS, _MIN_FREQUENT_SHARE = 5, 0.02
# With the option task, any whole numbers are classes, up to this many.
_MAX_REQUESTED_CLASSES = 50
MAX_CLASSES = 1000
CHOOSE = "Choose another column with the option target."
"""Advice for a column that cannot be a target."""


def task_of(column: Inferred, path: Path) -> Task:
    """Return the task that suits a target. Raises InvalidDatasetError for dates and times."""
    kind = column.kind.kind
    if kind in ("date", "time"):
        raise InvalidDatasetError(
            f"the target contains {kind}s; expected numbers or classes. {CHOOSE}", path=path, column=column.name
        )
    if kind == "number":
        return "classification" if _is_numbered(column) else "regression"
    return "classification"


def _is_numbered(column: Inferred) -> bool:
    """Whether numbers are class labels: see MAX_NUMBERED_CLASSES."""
    numbers = column.numbers
    if numbers is None or (column.kind.note is not None and " not numbers" in column.kind.note):
        return False
    numbers = numbers.drop_nulls()
    low, high = numbers.min(), numbers.max()
    if not isinstance(low, float) or not isinstance(high, float) or not (numbers == numbers.floor()).all():
        return False
    if numbers.n_unique() > MAX_NUMBERED_CLASSES:
        return False
    values = numbers.value_counts()
    count, rarest = len(values), min(values["count"].to_list(), default=0)
    if len(numbers) < _MIN_ROWS_PER_CLASS * count:
        return False
    if count == 2 or (count <= _MAX_COUNTED and low in (0, 1) and high - low == count - 1):
        return True
    return count <= MAX_NUMBERED_CLASSES and rarest >= max(_MIN_FREQUENT_ROWS, _MIN_FREQUENT_SHARE * len(numbers))


def as_number(column: Inferred, path: Path, line_of: LineOf) -> Inferred:
    """Return the column as numbers. Raises InvalidDatasetError at the first cell that is neither number nor missing."""
    if column.numbers is None or column.numbers.null_count() > sum(column.missing.values()):
        row = _first_text(column)
        raise InvalidDatasetError(
            f"{str(column.cells[row])[:40]!r} is not a number. Correct it, leave the cell empty to exclude the row, "
            'or set the option task to "classification".',
            path=path,
            line=line_of(row),
            column=column.name,
        )
    return column if column.kind.kind == "number" else replace(column, kind=ColumnKind("number"))


def _first_text(column: Inferred) -> int:
    """Return the first row that is neither a number nor missing."""
    numbers = column.numbers
    if numbers is None:
        numbers = column.kind.notation.read(column.cells.cast(pl.String))
    texts = column.cells.cast(pl.String)
    wrong = numbers.is_null() & texts.is_not_null() & ~texts.is_in(list(column.missing))
    return wrong.arg_max() or 0


def as_classes(column: Inferred, path: Path, line_of: LineOf) -> Inferred:
    """Return the column as classes. Whole numbers lose a fraction (1.0 is 1); other labels keep each letter."""
    kind = replace(column.kind, kind="category", date_order=None)
    numbers = column.numbers
    if numbers is not None and numbers.null_count() == sum(column.missing.values()):
        present = numbers.drop_nulls()
        if present.n_unique() > _MAX_REQUESTED_CLASSES or not (present == present.floor()).all():
            raise InvalidDatasetError(
                "the target contains fractions or too many different numbers for classes. "
                'Set the option task to "regression".',
                path=path,
                column=column.name,
            )
        if column.kind.note is None:
            return replace(column, kind=kind, cells=numbers.cast(pl.Int64).cast(pl.String), numbers=None)
        return replace(column, kind=kind, cells=column.cells.set(numbers.is_null(), None), numbers=None)
    classes, values = column.cells.drop_nulls().n_unique(), column.values
    if classes > MAX_CLASSES or classes * 2 > values > 10:
        advice = CHOOSE
        if column.kind.note is not None and WRITE_AS_SUCH in column.kind.note:
            advice = f"If they are amounts, write them as numbers. {CHOOSE}"
        notation = split(column.cells.cast(pl.String).unique().drop_nulls())
        if notation["body"].null_count() < len(notation) / 2:
            row = _first_text(column)
            advice = (
                f"Most of them look like numbers; {str(column.cells[row])[:40]!r} in line {line_of(row)} does not fit. "
                "Correct such cells, or choose another column with the option target."
            )
        first = first_cells(distinct_texts(column.cells.cast(pl.String)), line_of)
        raise InvalidDatasetError(
            f"the target has {classes} different texts in {values} rows, too many for classes ({first}); it may be an "
            f"identifier or free text. {advice}",
            path=path,
            column=column.name,
        )
    return replace(column, kind=kind, numbers=None)
