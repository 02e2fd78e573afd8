"""Load a table in two passes: the first profiles the columns, the second loads the selected ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from trainyard.data.columns import Column, empty_column
from trainyard.data.errors import InvalidDatasetError
from trainyard.data.kinds import ColumnKind, kind_of
from trainyard.data.profile import Profile
from trainyard.data.table_file import TableFile

# Each column takes about 2 kB before the first row is read.
MAX_TRAINED_COLUMNS = 100_000


def _do_nothing() -> None:
    pass


def profile_table(file: TableFile, while_reading: Callable[[], None] = _do_nothing) -> dict[str, Profile]:
    """Read the file once and return a profile for each column, in order.

    Args:
        while_reading: called before each block of rows; can raise to abort.

    Raises:
        InvalidDatasetError: the table has more than MAX_TRAINED_COLUMNS columns, or no rows.
    """
    if len(file.names) > MAX_TRAINED_COLUMNS:
        raise InvalidDatasetError(
            f"{len(file.names):,} columns found; the maximum for training is {MAX_TRAINED_COLUMNS:,}. "
            "Remove columns from the file.",
            path=file.path,
        )
    profiles = [Profile(name) for name in file.names]
    for lines, columns in file.blocks(while_reading=while_reading):
        for profile, cells in zip(profiles, columns):
            profile.add(lines, cells, file.decimal_comma)
    if profiles[0].rows == 0:
        raise InvalidDatasetError("the file has no rows below its header.", path=file.path)
    return {profile.name: profile for profile in profiles}


def load_columns(
    file: TableFile, kinds: dict[str, ColumnKind], while_reading: Callable[[], None] = _do_nothing
) -> dict[str, Column]:
    """Read the file again and return the columns named in `kinds` as compact arrays.

    Args:
        while_reading: called before each block of rows; can raise to abort.

    Raises:
        InvalidDatasetError: a row or a number is invalid.
    """
    positions = {name: position for position, name in enumerate(file.names)}
    wanted = [(positions[name], empty_column(name, kind)) for name, kind in kinds.items()]
    for lines, columns in file.blocks(while_reading=while_reading):
        for position, column in wanted:
            column.extend(lines, columns[position], file.decimal_comma, file.path)
    return {column.name: column for _, column in wanted}


@dataclass(frozen=True)
class Features:
    """Feature columns, and a sentence for each column that is excluded or has a note."""

    kinds: dict[str, ColumnKind]
    notes: list[str]


def choose_features(profiles: dict[str, Profile], targets: Sequence[str]) -> Features:
    """Select every usable column that is not a target."""
    kinds: dict[str, ColumnKind] = {}
    notes: list[str] = []
    for name, profile in profiles.items():
        if name in targets:
            continue
        inferred = kind_of(profile)
        if inferred.kind == "unusable":
            notes.append(f"Column {name!r} is excluded: {inferred.note}.")
            continue
        if inferred.note:
            notes.append(f"Column {name!r}: {inferred.note}.")
        kinds[name] = inferred
    return Features(kinds, notes)
