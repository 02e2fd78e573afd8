"""Headers that have one name less than the rows have values, and names that are empty."""

from __future__ import annotations

from collections.abc import Sequence

from trainyard.data.values import parse_number

_UNNAMED = "Unnamed: "
_MORE = "The rows have one value more than the header has names:"
# As many rows must have one value more as the rows of a table must agree with its first line.
_SHARE = 0.9


def complete_names(names: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[list[str], str | None]:
    """Return a name for each value of a row, and a note if the header lacks one.

    R writes no name above its row names, and some programs end each row with a delimiter. Columns without a name and
    without a value are called like in pandas: "Unnamed: 3" for the fourth.

    Args:
        names: cells of the header.
        rows: the first rows.
    """
    longer = [row for row in rows if len(row) == len(names) + 1]
    if len(longer) > 1 and len(longer) >= _SHARE * len(rows):
        if not any(row[-1].strip() for row in longer):
            return [*names, f"Unnamed: {len(names)}"], f"{_MORE} an empty one at the end, which is left out."
        if _are_row_names([row[0].strip() for row in longer]):
            return ["", *names], f"{_MORE} the first one counts as the name of the row, as R writes it."
    complete = _name_indices(names, rows)
    while (
        complete and not complete[-1] and not any(row[len(complete) - 1].strip() for row in rows if _fits(row, names))
    ):
        complete.pop()
    return [*complete, *(f"Unnamed: {place}" for place in range(len(complete), len(names)))], None


def _name_indices(names: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the names, with one for each column of row numbers without a name that follows another such column."""
    complete = list(names)
    for place in range(1, len(names)):
        if complete[place - 1] and not complete[place - 1].startswith(_UNNAMED):
            break
        cells = [row[place].strip() for row in rows if _fits(row, names)]
        if not complete[place] and cells and all(cell.isdecimal() for cell in cells) and _are_row_names(cells):
            name = f"{_UNNAMED}{place}"
            complete[place] = name if name not in names else f"{name}.1"
    return complete


def _fits(row: Sequence[str], names: Sequence[str]) -> bool:
    return len(row) == len(names)


def _are_row_names(cells: Sequence[str]) -> bool:
    """Whether the cells can name rows: all differ, and they are all whole numbers or all texts."""
    numbers = [parse_number(cell) for cell in cells]
    alike = all(number is None for number in numbers) or all(
        number is not None and number.is_integer() for number in numbers
    )
    return alike and all(cells) and len(set(cells)) == len(cells)
