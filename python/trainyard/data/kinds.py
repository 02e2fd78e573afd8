"""What a column is taken for, decided from its profile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from trainyard.data.dates import DATE_ORDERS, DateOrder
from trainyard.data.profile import Profile

Kind = Literal["number", "category", "date", "unusable"]

# The share of cells that may be neither a number nor missing in a column that still counts as one of numbers.
MAX_ODD_SHARE = 0.05
_ROW_NUMBER_NAMES = {"unnamed: 0", "id", "index", "idx", "instant", "no", "nr"} | {
    "row",
    "row_id",
    "rowid",
    "row_number",
    "rownames",
}


@dataclass(frozen=True)
class ColumnKind:
    """`note` says in a sentence why a column is left out, or what was passed over in it; None when all is plain."""

    kind: Kind
    date_order: DateOrder | None = None
    note: str | None = None


def kind_of(profile: Profile) -> ColumnKind:
    """Decide what a column is used as.

    Numbers and dates may hold up to 5% of something else, which then counts as missing. Left out as unusable: empty
    and constant columns, identifiers (another text in every row) and a plain row number.
    """
    if profile.values == 0:
        return ColumnKind("unusable", note="it is empty")
    others = profile.texts + profile.gaps
    if profile.numbers and profile.texts <= MAX_ODD_SHARE * profile.values:
        return _number_kind(profile)
    order = max(DATE_ORDERS, key=lambda each: profile.dates[each])
    if others - profile.dates[order] + profile.numbers <= MAX_ODD_SHARE * profile.values:
        if len(profile.levels) == 1 and not profile.missing:
            return ColumnKind("unusable", note="every row has the same date")
        return ColumnKind("date", order, _date_note(profile, order))
    return _category_kind(profile)


def _number_kind(profile: Profile) -> ColumnKind:
    if len(profile.distinct_numbers) == 1 and profile.numbers == profile.rows:
        return ColumnKind("unusable", note="every row has the same number")
    if profile.consecutive and profile.name.lower() in _ROW_NUMBER_NAMES:
        return ColumnKind("unusable", note="it only numbers the rows")
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
        return "day or month may come first in these dates; the day is assumed to. Dates like 2025-03-31 leave no doubt"
    return None


def _category_kind(profile: Profile) -> ColumnKind:
    texts = profile.texts + profile.gaps
    if len(profile.levels) == 1 and texts == profile.rows:
        return ColumnKind("unusable", note="every row has the same text")
    if profile.levels_overflow:
        return ColumnKind("unusable", note="it holds free text or identifiers: nearly every row has another text")
    if profile.numbers == 0 and len(profile.levels) == texts and texts > 2:
        return ColumnKind("unusable", note="it is an identifier: every row has another text")
    return ColumnKind("category")
