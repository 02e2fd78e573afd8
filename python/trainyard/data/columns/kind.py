"""The kind of a column: what its cells are, and how they are written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from trainyard.data.columns.dates import DateOrder
from trainyard.data.columns.notation import PLAIN, Notation

Kind = Literal["number", "category", "date", "time", "text", "unusable"]


@dataclass(frozen=True)
class ColumnKind:
    """The kind of a column, with all that is necessary to read its cells in other rows.

    `notation` applies to numbers and `date_order` to dates. `missing` are texts that count as missing, besides empty
    cells and, among numbers and dates, the usual markers. `exact` keeps spellings such as "a" and "A" apart. `note`
    gives the reason for an exclusion, or says what is unusual; None if there is nothing to report.
    """

    kind: Kind
    date_order: DateOrder | None = None
    note: str | None = None
    notation: Notation = PLAIN
    missing: tuple[str, ...] = ()
    exact: bool = False
    is_identifier: bool = False
    """Whether the column numbers or names its rows, so that it is never the default target."""

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object from which `kind_from_json` restores the kind."""
        return {
            "kind": self.kind,
            "date_order": self.date_order,
            "decimal": self.notation.decimal,
            "unit": self.notation.unit,
            "missing": list(self.missing),
            "exact": self.exact,
        }


def kind_from_json(value: dict[str, Any]) -> ColumnKind:
    """Restore a kind from `ColumnKind.to_json`. Raises KeyError or TypeError for anything else."""
    return ColumnKind(
        value["kind"],
        value["date_order"],
        notation=Notation(value["decimal"], value["unit"]),
        missing=tuple(value["missing"]),
        exact=bool(value["exact"]),
    )
