"""What is to be learned: which column, and whether it is a quantity (regression) or a class (classification)."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from trainyard.data import ColumnKind, InvalidDatasetError, Profile, kind_of
from trainyard.trainers.tabular.options import Options

Task = Literal["regression", "classification"]

# Whole numbers are labels only where they look numbered: from 0 or 1 on, at most this many.
MAX_NUMBERED_CLASSES = 10
MAX_CLASSES = 1000
_MIN_ROWS_PER_CLASS = 3


@dataclass(frozen=True)
class Target:
    """`kinds` says how each target column is read; `why` is a sentence on how the task was chosen."""

    task: Task
    kinds: dict[str, ColumnKind]
    why: str

    @property
    def names(self) -> list[str]:
        """The target columns, in the order asked for."""
        return list(self.kinds)


def choose_target(profiles: dict[str, Profile], options: Options, path: Path) -> Target:
    """Find the target columns and the task.

    Raises:
        InvalidDatasetError: a target is not there, is empty or constant, or holds what the task cannot learn.
    """
    names = _target_names(list(profiles), options.target, path)
    if len(names) == len(profiles):
        raise InvalidDatasetError(
            "every column is a target; at least one more column to predict from was expected.", path=path
        )
    for name in names:
        _check_content(profiles[name], path)
    if len(names) > 1:
        return _several(profiles, names, options, path)
    profile = profiles[names[0]]
    task = options.task if options.task != "auto" else _task_of(profile, path)
    kind = _as_number(profile, path) if task == "regression" else _as_classes(profile, path)
    return Target(task, {profile.name: kind}, _why(profile, task, options))


def _target_names(columns: Sequence[str], asked: str | list[str] | None, path: Path) -> list[str]:
    names = [columns[-1]] if asked is None else [asked] if isinstance(asked, str) else list(dict.fromkeys(asked))
    for name in names:
        if name not in columns:
            near = difflib.get_close_matches(name, columns, n=3, cutoff=0.5)
            by_case = {column.lower(): column for column in columns}.get(name.lower())
            hint = by_case or (near[0] if near else None)
            shown = ", ".join(columns[:30]) + (", ..." if len(columns) > 30 else "")
            raise InvalidDatasetError(
                f"there is no column {name!r} to predict. "
                + (f"Did you mean {hint!r}? " if hint else "")
                + f"The columns are: {shown}.",
                path=path,
            )
    return names


def _check_content(profile: Profile, path: Path) -> None:
    if profile.values == 0:
        raise InvalidDatasetError(
            f"the target is empty in all {profile.rows} rows; a value to learn was expected. "
            "Name another column with the option target.",
            path=path,
            column=profile.name,
        )
    distinct = len(profile.distinct_numbers) + len(profile.levels)
    if distinct == 1:
        only = next(iter(profile.levels), None) or f"{next(iter(profile.distinct_numbers)):g}"
        raise InvalidDatasetError(
            f"the target is {only[:40]!r} in every row that has one, so there is nothing to learn; "
            "at least two different values were expected. Name another column with the option target.",
            path=path,
            column=profile.name,
        )


def _task_of(profile: Profile, path: Path) -> Task:
    kind = kind_of(profile).kind
    if kind == "date":
        raise InvalidDatasetError(
            "the target holds dates; numbers or classes were expected. Name another column with the option target.",
            path=path,
            column=profile.name,
        )
    if profile.texts + profile.gaps == 0:
        return "classification" if _is_numbered(profile) else "regression"
    # A stray word among numbers is a mistake in the data, which the number check below names.
    few = len(profile.distinct_numbers) + len(profile.levels) <= MAX_NUMBERED_CLASSES
    return "regression" if kind == "number" and not few else "classification"


def _is_numbered(profile: Profile) -> bool:
    """Whether whole numbers are class labels: two values (0/1, 1/2, -1/1), or 0..k or 1..k without a gap."""
    values = profile.distinct_numbers
    if not profile.whole or profile.numbers < _MIN_ROWS_PER_CLASS * len(values):
        return False
    return len(values) == 2 or (
        len(values) <= MAX_NUMBERED_CLASSES and min(values) in (0, 1) and max(values) - min(values) == len(values) - 1
    )


def _as_number(profile: Profile, path: Path) -> ColumnKind:
    if profile.first_text is not None:
        line, text = profile.first_text
        raise InvalidDatasetError(
            f"{text[:40]!r} is not a number. Correct it, or leave it empty and the row is left out; "
            'or set the option task to "classification".',
            path=path,
            line=line,
            column=profile.name,
        )
    return ColumnKind("number")


def _as_classes(profile: Profile, path: Path) -> ColumnKind:
    if profile.texts + profile.gaps == 0:
        if len(profile.distinct_numbers) > MAX_NUMBERED_CLASSES * 5 or not profile.whole:
            raise InvalidDatasetError(
                "the target holds many different numbers, or numbers that are not whole; classes were expected. "
                'Set the option task to "regression".',
                path=path,
                column=profile.name,
            )
        return ColumnKind("number")
    classes = len(profile.levels) + len(profile.distinct_numbers)
    if profile.levels_overflow or classes > MAX_CLASSES or classes * 2 > profile.values > 10:
        raise InvalidDatasetError(
            f"the target holds {classes} different texts in {profile.values} rows, too many for classes; it looks like "
            "an identifier or free text. Name another column with the option target.",
            path=path,
            column=profile.name,
        )
    return ColumnKind("category")


def _several(profiles: dict[str, Profile], names: list[str], options: Options, path: Path) -> Target:
    if options.task == "classification":
        raise InvalidDatasetError(
            "several targets can only be learned as numbers (regression). Train a job for each class column.", path=path
        )
    kinds: dict[str, ColumnKind] = {}
    for name in names:
        if kind_of(profiles[name]).kind != "number":
            raise InvalidDatasetError(
                "one of several targets holds no numbers; several targets can only be learned as numbers. "
                "Train a job of its own for this column.",
                path=path,
                column=name,
            )
        kinds[name] = _as_number(profiles[name], path)
    return Target("regression", kinds, f"Regression of {', '.join(map(repr, names))}.")


def _why(profile: Profile, task: Task, options: Options) -> str:
    name = profile.name
    if options.task != "auto":
        return f"{task.capitalize()} of {name!r}, as the option task says."
    if task == "regression":
        return f"Regression of {name!r}, since it holds numbers."
    if profile.texts + profile.gaps:
        return f"Classification of {name!r}, since it holds labels."
    return (
        f"Classification of {name!r}, since its {len(profile.distinct_numbers)} whole numbers look like labels; "
        'set the option task to "regression" if they are quantities.'
    )
