"""Choose the target columns and the task: regression (quantities) or classification (classes)."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from trainyard.data import Inferred, InvalidDatasetError
from trainyard.data.columns.inferred import LineOf
from trainyard.trainers.tabular.options import Options
from trainyard.trainers.tabular.task import CHOOSE, Task, as_classes, as_number, task_of


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
    chosen = task_of(column, path) if task == "auto" else task
    return chosen, (as_number if chosen == "regression" else as_classes)(column, path, line_of)


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
            f"the target is empty in all {len(column.cells)} rows. {CHOOSE}", path=path, column=column.name
        )
    if column.kind.is_identifier:
        raise InvalidDatasetError(
            f"the target may be an identifier or free text ({column.kind.note}), which cannot be predicted. {CHOOSE} "
            f'If it is a quantity, set the option columns: {{"{column.name}": "NUMBER"}}.',
            path=path,
            column=column.name,
        )
    values = (column.numbers if column.numbers is not None else column.cells).drop_nulls()
    if column.kind.kind in ("number", "category", "unusable") and values.n_unique() == 1:
        only = f"{values[0]:g}" if isinstance(values[0], (int, float)) else str(values[0])
        raise InvalidDatasetError(
            f"the target has the same value in every row ({only[:40]!r}); expected at least two different values. "
            f"{CHOOSE}",
            path=path,
            column=column.name,
        )


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
    loaded = {column.name: as_number(column, path, line_of) for column in columns}
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
