"""Choose the target columns and the task: regression (quantities) or classification (classes)."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from trainyard.data import ColumnKind, InvalidDatasetError, Profile, kind_of
from trainyard.trainers.tabular.options import Options

Task = Literal["regression", "classification"]

# Whole numbers are class labels only if they are consecutive, start at 0 or 1, and there are at most this many.
MAX_NUMBERED_CLASSES = 10
MAX_CLASSES = 1000
_MIN_ROWS_PER_CLASS = 3


@dataclass(frozen=True)
class Target:
    """The task, the kind of each target column, and a sentence with the reason for the task."""

    task: Task
    kinds: dict[str, ColumnKind]
    reason: str

    @property
    def names(self) -> list[str]:
        """Names of the target columns, in the requested order."""
        return list(self.kinds)


def choose_target(profiles: dict[str, Profile], options: Options, path: Path) -> Target:
    """Choose the target columns and the task.

    Raises:
        InvalidDatasetError: a target is missing, empty, constant, or not suitable for the task.
    """
    names = _target_names(list(profiles), options.target, path)
    if len(names) == len(profiles):
        raise InvalidDatasetError(
            "every column is a target. Leave at least one column to predict from.", path=path
        )
    for name in names:
        _check_content(profiles[name], path)
    if len(names) > 1:
        return _several(profiles, names, options, path)
    profile = profiles[names[0]]
    task = options.task if options.task != "auto" else _task_of(profile, path)
    kind = _as_number(profile, path) if task == "regression" else _as_classes(profile, path)
    return Target(task, {profile.name: kind}, _reason(profile, task, options))


def _target_names(columns: Sequence[str], option: str | list[str] | None, path: Path) -> list[str]:
    names = [columns[-1]] if option is None else [option] if isinstance(option, str) else list(dict.fromkeys(option))
    for name in names:
        if name not in columns:
            near = difflib.get_close_matches(name, columns, n=3, cutoff=0.5)
            by_case = {column.lower(): column for column in columns}.get(name.lower())
            hint = by_case or (near[0] if near else None)
            shown = ", ".join(columns[:30]) + (", ..." if len(columns) > 30 else "")
            raise InvalidDatasetError(
                f"target column {name!r} not found. "
                + (f"Did you mean {hint!r}? " if hint else "")
                + f"Available columns: {shown}.",
                path=path,
            )
    return names


def _check_content(profile: Profile, path: Path) -> None:
    if profile.values == 0:
        raise InvalidDatasetError(
            f"the target is empty in all {profile.rows} rows. Choose another column with the option target.",
            path=path,
            column=profile.name,
        )
    distinct = len(profile.distinct_numbers) + len(profile.levels)
    if distinct == 1:
        only = next(iter(profile.levels), None) or f"{next(iter(profile.distinct_numbers)):g}"
        raise InvalidDatasetError(
            f"the target has the same value in every row ({only[:40]!r}); expected at least two different values. "
            "Choose another column with the option target.",
            path=path,
            column=profile.name,
        )


def _task_of(profile: Profile, path: Path) -> Task:
    kind = kind_of(profile).kind
    if kind == "date":
        raise InvalidDatasetError(
            "the target contains dates; expected numbers or classes. Choose another column with the option target.",
            path=path,
            column=profile.name,
        )
    if profile.texts + profile.gaps == 0:
        return "classification" if _is_numbered(profile) else "regression"
    # A few texts among numbers are errors in the data, which _as_number reports.
    few = len(profile.distinct_numbers) + len(profile.levels) <= MAX_NUMBERED_CLASSES
    return "regression" if kind == "number" and not few else "classification"


def _is_numbered(profile: Profile) -> bool:
    """Whether whole numbers are class labels: two values (0/1, 1/2, -1/1), or all of 0..k or 1..k."""
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
            f"{text[:40]!r} is not a number. Correct it, leave the cell empty to exclude the row, "
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
                "the target contains fractions or too many different numbers for classes. "
                'Set the option task to "regression".',
                path=path,
                column=profile.name,
            )
        return ColumnKind("number")
    classes = len(profile.levels) + len(profile.distinct_numbers)
    if profile.levels_overflow or classes > MAX_CLASSES or classes * 2 > profile.values > 10:
        raise InvalidDatasetError(
            f"the target has {classes} different texts in {profile.values} rows, too many for classes; it may be an "
            "identifier or free text. Choose another column with the option target.",
            path=path,
            column=profile.name,
        )
    return ColumnKind("category")


def _several(profiles: dict[str, Profile], names: list[str], options: Options, path: Path) -> Target:
    if options.task == "classification":
        raise InvalidDatasetError(
            "several targets require regression. Start a separate job for each class column.", path=path
        )
    kinds: dict[str, ColumnKind] = {}
    for name in names:
        if kind_of(profiles[name]).kind != "number":
            raise InvalidDatasetError(
                "this target is not numeric, and several targets require numbers. "
                "Start a separate job for this column.",
                path=path,
                column=name,
            )
        kinds[name] = _as_number(profiles[name], path)
    return Target("regression", kinds, f"Regression of {', '.join(map(repr, names))}.")


def _reason(profile: Profile, task: Task, options: Options) -> str:
    name = profile.name
    if options.task != "auto":
        return f"{task.capitalize()} of {name!r} (set by the option task)."
    if task == "regression":
        return f"Regression of {name!r} (numeric target)."
    if profile.texts + profile.gaps:
        return f"Classification of {name!r} (text target)."
    return (
        f"Classification of {name!r} (its {len(profile.distinct_numbers)} whole numbers look like class labels; "
        'if they are quantities, set the option task to "regression").'
    )
