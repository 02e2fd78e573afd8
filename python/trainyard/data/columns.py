"""Columns in memory: one compact array for each usable column."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, nan
from pathlib import Path

from trainyard.data.dates import DateOrder, parse_date
from trainyard.data.errors import InvalidDatasetError
from trainyard.data.kinds import ColumnKind
from trainyard.data.profile import MAX_LEVELS, numbers_of
from trainyard.data.values import is_missing, parse_number

MISSING_CODE = -1
# Code of every distinct text after the first MAX_LEVELS.
OTHER_CODE = -2


@dataclass(frozen=True)
class NumberColumn:
    """A numeric column. `values` is an array of doubles, shape (rows,), with NaN for missing values."""

    name: str
    values: array[float]

    def extend(self, lines: Sequence[int], cells: Sequence[str], decimal_comma: bool, path: Path) -> None:
        """Append a block of stripped cells. Raises InvalidDatasetError for an infinite number."""
        plain = numbers_of(cells)
        if plain is not None:
            self.values.extend(plain)
            return
        for line, cell in zip(lines, cells):
            number = None if is_missing(cell) else parse_number(cell, decimal_comma)
            if number is not None and number in (float("inf"), float("-inf")):
                raise InvalidDatasetError(
                    f"{cell[:40]!r} is infinite or too large; expected a finite number. "
                    "Correct it, or leave the cell empty for a missing value.",
                    path=path,
                    line=line,
                    column=self.name,
                )
            self.values.append(nan if number is None or not isfinite(number) else number)


@dataclass(frozen=True)
class DateColumn:
    """A date column. `values` is an array of doubles, shape (rows,): days since 1970-01-01 UTC, NaN for missing."""

    name: str
    order: DateOrder
    values: array[float]

    def extend(self, lines: Sequence[int], cells: Sequence[str], decimal_comma: bool, path: Path) -> None:
        """Append a block of stripped cells. A cell that is not a date in this order counts as missing."""
        days = {cell: parse_date(cell, self.order) for cell in set(cells)}  # dates repeat, and parsing them is slow
        self.values.extend(nan if (day := days[cell]) is None else day for cell in cells)


@dataclass(frozen=True)
class CategoryColumn:
    """A text column. `codes`, shape (rows,), indexes `levels` (texts in order of appearance).

    The codes MISSING_CODE and OTHER_CODE are not in `levels`.
    """

    name: str
    codes: array[int]
    levels: dict[str, int]

    def extend(self, lines: Sequence[int], cells: Sequence[str], decimal_comma: bool, path: Path) -> None:
        """Append a block of stripped cells. Each new text gets the next code."""
        levels = self.levels
        for cell in cells:
            code = levels.get(cell)
            if code is None:
                if is_missing(cell):
                    code = MISSING_CODE
                elif len(levels) < MAX_LEVELS:
                    code = levels[cell] = len(levels)
                else:
                    code = OTHER_CODE
            self.codes.append(code)


Column = NumberColumn | DateColumn | CategoryColumn


def empty_column(name: str, kind: ColumnKind) -> Column:
    """Return a column of this kind without rows."""
    if kind.kind == "number":
        return NumberColumn(name, array("d"))
    if kind.kind == "date" and kind.date_order is not None:
        return DateColumn(name, kind.date_order, array("d"))
    return CategoryColumn(name, array("i"), {})
