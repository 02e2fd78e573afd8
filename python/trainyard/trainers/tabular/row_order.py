"""Read the columns by which rows are split: a group, or a time."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from trainyard.data import CategoryColumn, Column, ColumnKind, DateColumn, Inferred, InvalidDatasetError, NumberColumn
from trainyard.trainers.tabular.options import Options
from trainyard.trainers.tabular.split import ANY_ORDER, Indices, RowOrder

# A part needs a group or a time of its own.
_MIN_DIFFERENT = 3


def order_columns(
    columns: Mapping[str, Inferred], options: Options, targets: Sequence[str], path: Path
) -> dict[str, Inferred]:
    """Return the column of the option `group` or `time`, ready to be loaded; empty without these options.

    Raises:
        InvalidDatasetError: the column is missing, a target, or, for `time`, has neither dates nor numbers.
    """
    name = options.group or options.time
    if name is None:
        return {}
    option = "group" if options.group else "time"
    if name not in columns:
        near = difflib.get_close_matches(name, columns, n=1, cutoff=0.5)
        shown = ", ".join(list(columns)[:30]) + (", ..." if len(columns) > 30 else "")
        raise InvalidDatasetError(
            f"column {name!r} of the option {option} not found. "
            + (f"Did you mean {near[0]!r}? " if near else "")
            + f"Available columns: {shown}.",
            path=path,
        )
    if name in targets:
        raise InvalidDatasetError(
            f"the target cannot be the option {option}. Choose another column.", path=path, column=name
        )
    column = columns[name]
    if option == "group":
        return {name: replace(column, kind=ColumnKind("category", missing=column.kind.missing), numbers=None)}
    if column.kind.kind == "unusable" and column.numbers is not None:
        column = replace(column, kind=ColumnKind("number"))  # a row number, which is not a feature
    if column.kind.kind not in ("number", "date"):
        raise InvalidDatasetError(
            "the option time needs a column with dates or numbers. Choose another column, or correct its values.",
            path=path,
            column=name,
        )
    return {name: column}


def order_of_rows(
    columns: Mapping[str, Column], options: Options, rows: Indices, path: Path
) -> tuple[RowOrder, list[str]]:
    """Return the order of these rows, and sentences for the log.

    Raises:
        InvalidDatasetError: there are fewer than three groups or times.
    """
    name = options.group or options.time
    if name is None:
        return ANY_ORDER, []
    column = columns[name]
    if isinstance(column, CategoryColumn):
        groups = column.codes[rows].astype(np.int64)
        _check_different(len(np.unique(groups)), name, "groups", path)
        missing = int((groups < 0).sum())
        note = f"{missing} rows without a value of {name!r} are one group." if missing else None
        return RowOrder(groups=groups), [note] if note else []
    assert isinstance(column, (NumberColumn, DateColumn))
    times = column.values[rows]
    known = np.isfinite(times)
    _check_different(len(np.unique(times[known])), name, "times", path)
    if known.all():
        return RowOrder(times=times), []
    oldest = times[known].min()
    note = f"{int((~known).sum())} rows without a value of {name!r} count as the oldest."
    return RowOrder(times=np.where(known, times, oldest)), [note]


def _check_different(count: int, name: str, what: str, path: Path) -> None:
    if count < _MIN_DIFFERENT:
        raise InvalidDatasetError(
            f"{count} different {what} found; training, validation and test need one each. "
            "Add rows, or choose another column.",
            path=path,
            column=name,
        )
