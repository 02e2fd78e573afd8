"""A column with its kind, and notes about cells that do not fit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from trainyard.data.columns.kind import ColumnKind
from trainyard.data.columns.texts import Texts

LineOf = Callable[[int], int | None]
"""Returns the line of a row (from 0) of the frame; None if the format has no lines."""


@dataclass(frozen=True)
class Inferred:
    """A column with its kind.

    `cells` are the cells, with null for those that the option `missing` names. `numbers` are its numbers, shape
    (rows,), Float64 with null for missing values, if the kind is "number". `missing` counts what counts as missing, by
    text ("" for an empty cell).
    """

    name: str
    kind: ColumnKind
    cells: pl.Series
    numbers: pl.Series | None
    missing: dict[str, int]

    @property
    def values(self) -> int:
        """Number of cells that do not count as missing."""
        return len(self.cells) - sum(self.missing.values())


def others_note(others: Texts, values: int, what: str, line_of: LineOf) -> str:
    """Say how many values are not numbers or dates, with examples."""
    return f"{others.cells} of {values} values are not {what} and count as missing; {first_cells(others, line_of)}"


def first_cells(texts: Texts, line_of: LineOf) -> str:
    """Name the first three texts with their lines: "the first is 'x' in line 7"."""
    named = []
    for text, row in zip(texts.levels.head(3).to_list(), texts.rows.head(3).to_list()):
        line = line_of(row)
        named.append(f"{text[:40]!r}" + (f" in line {line}" if line is not None else ""))
    return f"the first {'is' if len(named) == 1 else 'are'} {', '.join(named)}"
