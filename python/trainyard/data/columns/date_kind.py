"""The kind of a column of dates or times of day."""

from __future__ import annotations

from trainyard.data.columns.dates import find_order, parse_dates, parse_times
from trainyard.data.columns.inferred import LineOf, others_note
from trainyard.data.columns.kind import ColumnKind, Kind
from trainyard.data.columns.number_kind import MIN_SHARE
from trainyard.data.columns.texts import Texts

# Texts that decide whether a column can contain times at all.
_PROBED = 200


def date_kind(rest: Texts, wanted: Kind | None, line_of: LineOf) -> ColumnKind | None:
    """Return the kind of a column of dates or times; None if it is neither.

    Args:
        rest: the texts of the column that are not markers of missing values.
        wanted: "date" or "time" if the option `columns` says so; any share is then enough.
    """
    if rest.cells == 0:
        return None
    least = 1 if wanted else MIN_SHARE * rest.cells
    found = find_order(rest) if wanted != "time" else None
    if found is not None and found[1] >= least:
        order, count, is_ambiguous = found
        if len(rest.levels) == 1 and not wanted:
            return ColumnKind("unusable", note="constant (all rows have the same date)")
        notes: list[str] = []
        if is_ambiguous:
            notes.append("ambiguous dates, read as day before month; write them as 2025-03-31 to be unambiguous")
        if count < rest.cells:
            others = rest.where(parse_dates(rest.levels, order).is_null())
            notes.append(others_note(others, rest.cells, "dates", line_of))
        return ColumnKind("date", order, "; ".join(notes) or None)
    if wanted == "date" or parse_times(rest.levels.head(_PROBED)).null_count() == min(_PROBED, len(rest.levels)):
        return None
    is_time = parse_times(rest.levels).is_not_null()
    count = int(rest.counts.filter(is_time).sum())
    if count < least or len(rest.levels) == 1:
        return None
    note = others_note(rest.where(~is_time), rest.cells, "times", line_of) if count < rest.cells else None
    return ColumnKind("time", note=note)
