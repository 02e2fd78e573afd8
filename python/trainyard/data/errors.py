"""The one exception of this package: a data set that cannot be used as it is."""

from __future__ import annotations

from pathlib import Path

_MAX_NAME = 100


class InvalidDatasetError(Exception):
    """A data set that somebody has to change before it can be used.

    The message is a sentence for that person: where (file, line, column, as far as they are known), what was found,
    and what was expected. Lines count from 1, the header included. `reason` is what a job's failure is filed under.
    """

    reason = "INVALID_DATASET"

    def __init__(
        self,
        problem: str,
        *,
        path: Path | None = None,
        line: int | None = None,
        column: str | None = None,
    ) -> None:
        self.path = path
        self.line = line
        self.column = column
        place = [
            path.name if path is not None else None,
            f"line {line}" if line is not None else None,
            f"column {_cut(column)!r}" if column is not None else None,
        ]
        where = ", ".join(part for part in place if part)
        super().__init__(f"{where}: {problem}" if where else problem)


def _cut(name: str) -> str:
    return name if len(name) <= _MAX_NAME else name[: _MAX_NAME - 1] + "…"
