"""Choose the target columns and the task: regression (quantities) or classification (classes)."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import polars as pl

from trainyard.data import ColumnKind, Inferred, InvalidDatasetError
from trainyard.data.columns.inferred import LineOf
from trainyard.data.columns.notation import split
from trainyard.trainers.tabular.options import Options

Task = Literal["regression", "classification"]

# Whole numbers are class labels if there are two of them, if they are all of 0..k or 1..k with at most _MAX_COUNTED
# values, or if each of at most MAX_NUMBERED_CLASSES values is frequent, as 10, 20 and 30 are. Counts have rare values.
MAX_NUMBERED_CLASSES, _MAX_COUNTED = 20, 10
_MIN_ROWS_PER_CLASS = 3
_MIN_FREQUENT_ROWS, _MIN_FREQUENT_SHARE = 5, 0.02
# With the option task, any whole numbers are classes, up to this many.
_MAX_REQUESTED_CLASSES = 50
MAX_CLASSES = 1000
_CHOOSE = "Choose another column with the option target."


@dataclass(frozen=True)
class Target:
    """The task, the target columns ready to be loaded, a sentence with the reason for the task, and notes."""

    task: Task
    columns: dict[str, Inferred]
    reason: str
    notes: list[str] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """Names of the target columns, in the requested order."""
        return list(self.columns)


def choose_target(
    columns: dict[str, Inferred], options: Options, path: Path, line_of: LineOf = lambda row: row + 2
) -> Target:
    """Choose the target columns and the task.

    Raises:
        InvalidDatasetError: a target is missing, empty, constant, or not suitable for the task.
    """
    names, notes = _target_names(columns, options.target, path)
    if len(names) == len(columns):
        raise InvalidDatasetError("every column is a target. Leave at least one column to predict from.", path=path)
    for name in names:
        check_content(columns[name], path)
    if len(names) > 1:
        return _several([columns[name] for name in names], options, path, line_of)
    column = columns[names[0]]
    task, loaded = load_target(column, options.task, path, line_of)
    if loaded.kind.note:
        notes.append(f"Target {column.name!r}: {loaded.kind.note}.")
    return Target(task, {column.name: loaded}, _reason(column, task, options), notes)


def load_target(
    column: Inferred, task: Literal["auto"] | Task, path: Path, line_of: LineOf = lambda row: row + 2
) -> tuple[Task, Inferred]:
    """Return the task for a single target, and its column as numbers or as classes.

    Raises:
        InvalidDatasetError: the column is not suitable for the task.
    """
    chosen = _task_of(column, path) if task == "auto" else task
    return chosen, (_as_number if chosen == "regression" else _as_classes)(column, path, line_of)


def default_target(columns: dict[str, Inferred]) -> str | None:
    """Return the last column that does not number or name the rows; None if all do."""
    return next((name for name in reversed(columns) if not columns[name].kind.is_identifier), None)


def _target_names(
    columns: dict[str, Inferred], option: str | list[str] | None, path: Path
) -> tuple[list[str], list[str]]:
    """Return the names of the targets, and a note if the default is not the last column."""
    everything = list(columns)
    if len(everything) == 1:
        raise InvalidDatasetError(
            f"only one column was found ({everything[0][:60]!r}); the delimiters tried are comma, semicolon, tab "
            "and |. Separate the values of a row with one of them. A table needs a target and at least one other "
            "column.",
            path=path,
            line=1,
        )
    if option is None:
        name = default_target(columns)
        if name is None:
            raise InvalidDatasetError(
                "every column is an identifier or a row number, so that there is no default target. "
                f"Name one with the option target. Columns: {_shown(everything)}.",
                path=path,
            )
        last = everything[-1]
        if name == last:
            return [name], []
        note = (
            f"The target is {name!r}, because the last column {last!r} is not a target by default: "
            f"{columns[last].kind.note}. The option target selects another one."
        )
        return [name], [note]
    names = [option] if isinstance(option, str) else list(dict.fromkeys(option))
    for name in names:
        if name not in columns:
            near = difflib.get_close_matches(name, everything, n=3, cutoff=0.5)
            by_case = {column.lower(): column for column in everything}.get(name.lower())
            hint = by_case or (near[0] if near else None)
            raise InvalidDatasetError(
                f"target column {name!r} not found. "
                + (f"Did you mean {hint!r}? " if hint else "")
                + f"Available columns: {_shown(everything)}.",
                path=path,
            )
    return names, []


def _shown(names: Sequence[str]) -> str:
    return ", ".join(names[:30]) + (", ..." if len(names) > 30 else "")


def check_content(column: Inferred, path: Path) -> None:
    """Raise InvalidDatasetError if a column is empty, constant or an identifier: there is nothing to predict."""
    if column.values == 0:
        raise InvalidDatasetError(
            f"the target is empty in all {len(column.cells)} rows. {_CHOOSE}", path=path, column=column.name
        )
    if column.kind.is_identifier:
        raise InvalidDatasetError(
            f"the target may be an identifier or free text ({column.kind.note}), which cannot be predicted. {_CHOOSE} "
            f'If it is a quantity, set the option columns: {{"{column.name}": "NUMBER"}}.',
            path=path,
            column=column.name,
        )
    values = (column.numbers if column.numbers is not None else column.cells).drop_nulls()
    if column.kind.kind in ("number", "category", "unusable") and values.n_unique() == 1:
        only = f"{values[0]:g}" if isinstance(values[0], (int, float)) else str(values[0])
        raise InvalidDatasetError(
            f"the target has the same value in every row ({only[:40]!r}); expected at least two different values. "
            f"{_CHOOSE}",
            path=path,
            column=column.name,
        )


def _task_of(column: Inferred, path: Path) -> Task:
    kind = column.kind.kind
    if kind in ("date", "time"):
        raise InvalidDatasetError(
            f"the target contains {kind}s; expected numbers or classes. {_CHOOSE}", path=path, column=column.name
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


def _as_number(column: Inferred, path: Path, line_of: LineOf) -> Inferred:
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


def _as_classes(column: Inferred, path: Path, line_of: LineOf) -> Inferred:
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
        advice = _CHOOSE
        notation = split(column.cells.cast(pl.String).unique().drop_nulls())
        if notation["body"].null_count() < len(notation) / 2:
            row = _first_text(column)
            advice = (
                f"Most of them look like numbers; {str(column.cells[row])[:40]!r} in line {line_of(row)} does not fit. "
                "Correct such cells, or choose another column with the option target."
            )
        raise InvalidDatasetError(
            f"the target has {classes} different texts in {values} rows, too many for classes; it may be an "
            f"identifier or free text. {advice}",
            path=path,
            column=column.name,
        )
    return replace(column, kind=kind, numbers=None)


def _several(columns: list[Inferred], options: Options, path: Path, line_of: LineOf) -> Target:
    if options.task == "classification":
        raise InvalidDatasetError(
            "several targets require regression. Start a separate job for each class column.", path=path
        )
    for column in columns:
        if column.kind.kind != "number":
            raise InvalidDatasetError(
                "this target is not numeric, and several targets require numbers. "
                "Start a separate job for this column.",
                path=path,
                column=column.name,
            )
    loaded = {column.name: _as_number(column, path, line_of) for column in columns}
    notes = [f"Target {name!r}: {column.kind.note}." for name, column in loaded.items() if column.kind.note]
    return Target("regression", loaded, f"Regression of {', '.join(map(repr, loaded))}.", notes)


def _reason(column: Inferred, task: Task, options: Options) -> str:
    name = column.name
    if options.task != "auto":
        return f"{task.capitalize()} of {name!r} (set by the option task)."
    if task == "regression":
        return f"Regression of {name!r} (numeric target)."
    if column.kind.kind != "number" or column.numbers is None:
        return f"Classification of {name!r} (text target)."
    return (
        f"Classification of {name!r} (its {column.numbers.drop_nulls().n_unique()} whole numbers look like class "
        'labels; if they are quantities, set the option task to "regression").'
    )
