"""Infer the kind of a column (number, category, date or unusable) from its profile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from trainyard.data.dates import DATE_ORDERS, DateOrder
from trainyard.data.profile import Profile

Kind = Literal["number", "category", "date", "unusable"]

# Maximum share of present cells with another type in a column of numbers or dates.
MAX_INVALID_SHARE = 0.05
_ROW_NUMBER_NAMES = {"unnamed: 0", "id", "index", "idx", "instant", "no", "nr"} | {
    "row",
    "row_id",
    "rowid",
    "row_number",
    "rownames",
}


@dataclass(frozen=True)
class ColumnKind:
    """The inferred kind of a column.

    `note` gives the reason for an exclusion or describes ignored values; None if there is nothing to report.
    """

    kind: Kind
    date_order: DateOrder | None = None
    note: str | None = None


def kind_of(profile: Profile) -> ColumnKind:
    """Infer the kind of a column.

    Columns of numbers and dates can contain up to 5% other values, which count as missing. Unusable columns: empty,
    constant, identifiers (all texts differ) and row numbers.
    """
    if profile.values == 0:
        return ColumnKind("unusable", note="empty")
    others = profile.texts + profile.gaps
    if profile.numbers and profile.texts <= MAX_INVALID_SHARE * profile.values:
        return _number_kind(profile)
    order = max(DATE_ORDERS, key=lambda each: profile.dates[each])
    if others - profile.dates[order] + profile.numbers <= MAX_INVALID_SHARE * profile.values:
        if len(profile.levels) == 1 and not profile.missing:
            return ColumnKind("unusable", note="constant (all rows have the same date)")
        return ColumnKind("date", order, _date_note(profile, order))
    return _category_kind(profile)


def _number_kind(profile: Profile) -> ColumnKind:
    if len(profile.distinct_numbers) == 1 and profile.numbers == profile.rows:
        return ColumnKind("unusable", note="constant (all rows have the same number)")
    if profile.consecutive and profile.name.lower() in _ROW_NUMBER_NAMES:
        return ColumnKind("unusable", note="row number")
    if profile.first_text is not None:
        line, text = profile.first_text
        return ColumnKind(
            "number",
            note=f"{profile.texts} of {profile.values} values are not numbers and count as missing; "
            f"the first is {text[:40]!r} in line {line}",
        )
    return ColumnKind("number")


def _date_note(profile: Profile, order: DateOrder) -> str | None:
    if order == "DMY" and profile.dates["MDY"] == profile.dates["DMY"]:
        return "ambiguous dates, read as day before month; write them as 2025-03-31 to be unambiguous"
    return None


def _category_kind(profile: Profile) -> ColumnKind:
    texts = profile.texts + profile.gaps
    if len(profile.levels) == 1 and texts == profile.rows:
        return ColumnKind("unusable", note="constant (all rows have the same text)")
    if profile.levels_overflow:
        return ColumnKind("unusable", note="free text or identifiers (almost all values differ)")
    if profile.numbers == 0 and len(profile.levels) == texts and texts > 2:
        return ColumnKind("unusable", note="identifier (all values differ)")
    return ColumnKind("category")
