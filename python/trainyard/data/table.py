"""Infer the columns of a table, and select those to predict from."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from trainyard.data.columns import Inferred, Kind, infer_columns
from trainyard.data.errors import InvalidDatasetError
from trainyard.data.read_table import Table

# Columns whose missing values are listed in the log.
_MAX_LISTED_COLUMNS = 20
_MAX_LISTED_TEXTS = 5


def infer_table(
    table: Table, missing: Collection[str] = (), wanted: Mapping[str, Kind] | None = None
) -> dict[str, Inferred]:
    """Infer the kind of each column of a table, in order.

    Args:
        missing: texts that count as missing in every column.
        wanted: kinds to use instead of the inferred ones, by column name.

    Raises:
        InvalidDatasetError: the table has no rows.
    """
    if table.frame.height == 0:
        raise InvalidDatasetError("the file has no rows below its header.", path=table.path)
    decimal_comma = table.dialect is not None and table.dialect.decimal_comma
    return infer_columns(
        table.frame, decimal_comma=decimal_comma, missing=missing, wanted=wanted, line_of=table.line_of
    )


@dataclass(frozen=True)
class Features:
    """Feature columns, and a sentence for each column that is excluded or has a note."""

    columns: dict[str, Inferred]
    notes: list[str]


def choose_features(columns: dict[str, Inferred], targets: Sequence[str]) -> Features:
    """Select every usable column that is not a target."""
    chosen: dict[str, Inferred] = {}
    notes: list[str] = []
    for name, column in columns.items():
        if name in targets:
            continue
        kind = column.kind
        if kind.kind == "unusable":
            notes.append(f"Column {name!r} is excluded: {kind.note}.")
            continue
        if kind.note:
            notes.append(f"Column {name!r}: {kind.note}.")
        chosen[name] = column
    return Features(chosen, notes)


def missing_note(columns: dict[str, Inferred]) -> str | None:
    """List what counts as missing, by column, with the texts and their counts; None if nothing does."""
    listed = [
        f"{name!r}: {_counts(column.missing)}"
        for name, column in columns.items()
        if column.missing and column.kind.kind != "unusable"
    ]
    if not listed:
        return None
    more = f"; and {len(listed) - _MAX_LISTED_COLUMNS} more columns" if len(listed) > _MAX_LISTED_COLUMNS else ""
    return f"Missing values: {'; '.join(listed[:_MAX_LISTED_COLUMNS])}{more}."


def _counts(missing: dict[str, int]) -> str:
    texts = [f"{count} {text!r}" if text else f"{count} empty" for text, count in missing.items()]
    return ", ".join(texts[:_MAX_LISTED_TEXTS]) + (", ..." if len(texts) > _MAX_LISTED_TEXTS else "")
