"""The kind of a column of texts."""

from __future__ import annotations

from trainyard.data.columns.characters import ascii_numbers
from trainyard.data.columns.free_text import is_free_text, is_identifier
from trainyard.data.columns.identifier import has_id_name, has_index_name
from trainyard.data.columns.inferred import LineOf, first_cells
from trainyard.data.columns.kind import ColumnKind, Kind
from trainyard.data.columns.notation import split
from trainyard.data.columns.spelling import group_spellings, letters_differ, spelling_note
from trainyard.data.columns.texts import Texts

WRITE_AS_SUCH = "write them as such"
"""Part of the note about a column of texts that may be numbers, amounts or dates."""

# Fewer different texts that start with a number are labels.
_MIN_AMOUNTS = 10


def text_kind(name: str, texts: Texts, rest: Texts, empty: int, wanted: Kind | None, line_of: LineOf) -> ColumnKind:
    """Return the kind of a column of texts: labels, free text, or nothing to learn from.

    Args:
        texts: all texts of the column.
        rest: those that are not markers of missing values.
        empty: number of empty cells.
        wanted: "category" or "text" if the option `columns` says so.
    """
    if wanted == "text":
        return ColumnKind("text")
    exact = letters_differ(texts)
    if wanted == "category":
        return ColumnKind("category", note=spelling_note(texts, exact), exact=exact)
    if rest.cells == 0 and texts.cells == len(texts.levels) > 1:
        return ColumnKind("unusable", note="empty (all values are markers of missing values)")
    amounts = _amounts_note(rest, line_of)
    unrecognized = _unrecognized_note(rest, line_of) or (amounts and f"read as text; {amounts}")
    if is_free_text(texts):
        return ColumnKind("text", note=unrecognized)
    if is_identifier(texts):
        # Without such a name, it can also be a target in a notation that is not recognized.
        named = has_id_name(name) or has_index_name(name)
        note = "identifier (all values differ)"
        if not named and amounts is not None:
            note += f"; {amounts}"
        return ColumnKind("unusable", note=note, is_identifier=named)
    values, _ = group_spellings(texts, exact)
    if len(values) == 1 and empty == 0:
        return ColumnKind("unusable", note="constant (all rows have the same text)")
    notes = [note for note in (spelling_note(texts, exact), unrecognized) if note]
    return ColumnKind("category", note="; ".join(notes) or None, exact=exact)


def _amounts_note(rest: Texts, line_of: LineOf) -> str | None:
    """Say that most of the texts are many numbers with something else: <0.5, ~20, 3/8, 10-20, 5'11", 13h45."""
    levels = rest.levels
    # A few of them are labels: 3rd, 5-door, 18-25.
    if len(levels) < _MIN_AMOUNTS:
        return None
    with_digits = ascii_numbers(levels).str.contains(r"^[^\w]?\s?\d+[^\w\s]?([^\w]|\p{L}?\d|$)")
    if int(with_digits.sum()) <= len(levels) / 2:
        return None
    return f"if these are numbers, amounts or dates, {WRITE_AS_SUCH}: {first_cells(rest, line_of)}"


def _unrecognized_note(rest: Texts, line_of: LineOf) -> str | None:
    """Say that labels look like numbers in a notation that is not recognized, or in more than one."""
    parts = split(rest.levels)
    is_number = parts["body"].is_not_null()
    numbers = rest.where(is_number)
    if numbers.cells == 0 or numbers.cells < rest.cells / 2:
        return None
    share = f"{numbers.cells} of {rest.cells} values look like numbers"
    if numbers.cells < rest.cells:
        others = first_cells(rest.where(~is_number), line_of)
        return (
            f"{share}, and the others do not: {others}; the column is read as text. "
            "Correct these values, or set the option columns"
        )
    units = parts["unit"].fill_null("")
    first = units[0]
    if units.n_unique() == 1:
        return None
    named = ", ".join(repr(unit) if unit else "none" for unit in units.unique(maintain_order=True).head(5).to_list())
    others = first_cells(rest.where(units != first), line_of)
    return (
        f"{share}, with different units ({named}; of those that are not {first or 'without a unit'!r}, {others}); "
        "the column is read as text. Use one unit, or set the option columns"
    )
