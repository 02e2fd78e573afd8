"""Rows that are not data: the header of a joined file, and the total of a report."""

from __future__ import annotations

import re
from functools import reduce
from operator import and_

import polars as pl

from trainyard.data.errors import InvalidDatasetError
from trainyard.data.read_table import Table

_UNNAMED = "Unnamed: "
# Columns whose cells are compared with the header for all rows at once. The other ones follow for the rows that agree.
_COMPARED = 5
_MAX_CHECKED = 100
_TOTAL = re.compile(r"(?i)(?:(?:grand|sub)[ -]?)?(?:total|totals|totale|sum|summe|gesamt|gesamtsumme|average|mean):?")
_LABEL_COLUMNS = 20


def check_repeated_header(table: Table) -> None:
    """Raise InvalidDatasetError for a row that repeats the header: its names would be a class, or missing values."""
    frame = table.frame
    if table.dialect is None or not table.dialect.header or frame.height == 0:
        return
    named = [name for name in frame.columns if not name.startswith(_UNNAMED)]
    if not named:
        return
    masks = (frame[name].cast(pl.String) == name for name in named[:_COMPARED])
    rows = reduce(and_, masks).fill_null(False).arg_true().head(_MAX_CHECKED).to_list()
    for row in rows:
        cells = frame.row(row, named=True)
        if all(cells[name] == name for name in named):
            raise InvalidDatasetError(
                "the header occurs again, as in files that were joined. Remove this line.",
                path=table.path,
                line=table.line_of(row),
            )


def total_note(table: Table) -> str | None:
    """Say that the last row may be a total of the others, because a label that occurs nowhere else says so."""
    frame = table.frame
    if frame.height < 2:
        return None
    last = frame.height - 1
    for name in frame.columns[:_LABEL_COLUMNS]:
        cell = frame[name][last]
        if isinstance(cell, str) and _TOTAL.fullmatch(cell.strip()) and int((frame[name] == cell).sum()) == 1:
            line = table.line_of(last)
            where = f" (line {line})" if line is not None else ""
            return f"The last row{where} may be a total of the others: its {name!r} is {cell!r}. If so, remove it."
    return None
