"""The option `columns`: kinds that override the inferred ones."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path

from trainyard.data import InvalidDatasetError, Kind

COLUMN_KINDS: dict[str, Kind] = {
    "NUMBER": "number",
    "CATEGORY": "category",
    "DATE": "date",
    "TIME": "time",
    "TEXT": "text",
    "IGNORE": "unusable",
}
"""Values of the option `columns`."""


def wanted_kinds(option: Mapping[str, str] | None) -> dict[str, Kind]:
    """Return the kinds that the option sets, by column name."""
    return {name: COLUMN_KINDS[kind] for name, kind in (option or {}).items()}


def check_columns(option: Mapping[str, str] | None, columns: Sequence[str], path: Path) -> None:
    """Raise InvalidDatasetError if the option names a column that the table lacks."""
    known = set(columns)
    for name in option or {}:
        if name not in known:
            near = difflib.get_close_matches(name, columns, n=1, cutoff=0.5)
            raise InvalidDatasetError(
                f"the option columns names {name[:100]!r}, which is not a column. "
                + (f"Did you mean {near[0]!r}? " if near else "")
                + f"Available columns: {', '.join(columns[:30])}{', ...' if len(columns) > 30 else ''}.",
                path=path,
            )
