"""Statistics of a column, collected in one pass over the file in bounded memory."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import isfinite, isinf, isnan

from trainyard.data.dates import DATE_ORDERS, DateOrder, parse_date
from trainyard.data.values import is_gap, is_missing, parse_number

# A column with more distinct texts is free text or an identifier; counting more would waste memory.
MAX_LEVELS = 50_000
# Enough to distinguish labels written as numbers from quantities.
MAX_DISTINCT_NUMBERS = 50


@dataclass
class Profile:
    """Counts of the cells of one column. `rows` is the sum of missing, gaps, numbers and texts."""

    name: str
    rows: int = 0
    missing: int = 0
    gaps: int = 0
    numbers: int = 0
    texts: int = 0
    whole: bool = True
    consecutive: bool = True
    distinct_numbers: set[float] = field(default_factory=set)
    levels: Counter[str] = field(default_factory=Counter)
    levels_overflow: bool = False
    dates: dict[DateOrder, int] = field(default_factory=lambda: dict.fromkeys(DATE_ORDERS, 0))
    first_text: tuple[int, str] | None = None
    first_infinity: tuple[int, str] | None = None
    _last: float | None = None

    @property
    def values(self) -> int:
        """Number of cells that are not missing."""
        return self.rows - self.missing

    def add(self, lines: Sequence[int], cells: Sequence[str], decimal_comma: bool) -> None:
        """Count a block of stripped cells, given with their line numbers."""
        self.rows += len(cells)
        values = numbers_of(cells)
        if values is not None:
            self._add_numbers(values)
            return
        self.consecutive = False
        for cell, count in Counter(cells).items():
            if is_missing(cell):
                self.missing += count
                continue
            number = parse_number(cell, decimal_comma)
            if number is not None and not isnan(number):
                self.numbers += count
                self._note_number(number)
                if isinf(number) and self.first_infinity is None:
                    self.first_infinity = (lines[cells.index(cell)], cell)
            elif number is None:
                self._add_text(cell, count, lines, cells)
            else:
                self.missing += count

    def _add_numbers(self, values: Sequence[float]) -> None:
        self.numbers += len(values)
        if self.consecutive:
            last = values[0] - 1 if self._last is None else self._last
            for value in values:
                if value != last + 1:
                    self.consecutive = False
                    break
                last = value
            self._last = last
        if self.whole or len(self.distinct_numbers) <= MAX_DISTINCT_NUMBERS:
            for value in values:
                self._note_number(value)

    def _note_number(self, number: float) -> None:
        self.whole = self.whole and number.is_integer()
        if len(self.distinct_numbers) <= MAX_DISTINCT_NUMBERS:
            self.distinct_numbers.add(number)

    def _add_text(self, cell: str, count: int, lines: Sequence[int], cells: Sequence[str]) -> None:
        if is_gap(cell):
            self.gaps += count
        else:
            self.texts += count
            if self.first_text is None:
                self.first_text = (lines[cells.index(cell)], cell)
        if cell in self.levels or len(self.levels) < MAX_LEVELS:
            self.levels[cell] += count
        else:
            self.levels_overflow = True
        seen = self.texts - count
        # Without a date in the first 1000 texts, the column is not a date column: do not parse the rest of the file.
        if seen < 1000 or any(self.dates.values()):
            for order in DATE_ORDERS:
                if parse_date(cell, order) is not None:
                    self.dates[order] += count


def numbers_of(cells: Iterable[str]) -> array[float] | None:
    """Return all cells as finite numbers, or None if any cell is not one. Fast path for purely numeric columns."""
    try:
        values = array("d", map(float, cells))
    except ValueError:
        return None
    if "_" in "".join(cells) or not isfinite(sum(values)):
        return None
    return values
