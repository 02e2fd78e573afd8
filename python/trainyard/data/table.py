"""A table in memory: read twice, first to see what the columns are, then to keep those that are wanted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from trainyard.data.columns import Column, empty_column
from trainyard.data.errors import InvalidDatasetError
from trainyard.data.kinds import ColumnKind, kind_of
from trainyard.data.profile import Profile
from trainyard.data.table_file import TableFile

# What is kept of each column takes about 2 kB before the first row is read.
MAX_TRAINED_COLUMNS = 100_000


def _do_nothing() -> None:
    pass


def profile_table(file: TableFile, while_reading: Callable[[], None] = _do_nothing) -> dict[str, Profile]:
    """One pass over the file: a profile for each column, in order.

    Raises InvalidDatasetError for more than MAX_TRAINED_COLUMNS, or without a single row. `while_reading` is called now
    and then, and may raise to cut the reading short.
    """
    if len(file.names) > MAX_TRAINED_COLUMNS:
        raise InvalidDatasetError(
            f"{len(file.names):,} columns found; at most {MAX_TRAINED_COLUMNS:,} can be trained on. "
            "Leave out the columns that say least.",
            path=file.path,
        )
    profiles = [Profile(name) for name in file.names]
    for lines, columns in file.blocks():
        while_reading()
        for profile, cells in zip(profiles, columns):
            profile.add(lines, cells, file.decimal_comma)
    if profiles[0].rows == 0:
        raise InvalidDatasetError("there are column names but no rows below them.", path=file.path)
    return {profile.name: profile for profile in profiles}


def load_columns(
    file: TableFile, kinds: dict[str, ColumnKind], while_reading: Callable[[], None] = _do_nothing
) -> dict[str, Column]:
    """Another pass: the columns named in `kinds`, as compact arrays. Raises InvalidDatasetError."""
    positions = {name: position for position, name in enumerate(file.names)}
    wanted = [(positions[name], empty_column(name, kind)) for name, kind in kinds.items()]
    for lines, columns in file.blocks():
        while_reading()
        for position, column in wanted:
            column.extend(lines, columns[position], file.decimal_comma, file.path)
    return {column.name: column for _, column in wanted}


@dataclass(frozen=True)
class Features:
    """Columns to learn from, and a sentence for each that was left out or needs a remark."""

    kinds: dict[str, ColumnKind]
    notes: list[str]


def choose_features(profiles: dict[str, Profile], targets: Sequence[str]) -> Features:
    """Every column that can be used and is no target."""
    kinds: dict[str, ColumnKind] = {}
    notes: list[str] = []
    for name, profile in profiles.items():
        if name in targets:
            continue
        decided = kind_of(profile)
        if decided.kind == "unusable":
            notes.append(f"Column {name!r} is left out: {decided.note}.")
            continue
        if decided.note:
            notes.append(f"Column {name!r}: {decided.note}.")
        kinds[name] = decided
    return Features(kinds, notes)
