"""The exception of this package: a dataset that cannot be used."""

from __future__ import annotations

from pathlib import Path

_MAX_NAME = 100


class InvalidDatasetError(Exception):
    """A dataset that the user must correct before it can be used.

    The message states the place (file, line and column, if known), the problem and the correction. Lines count from 1,
    including the header. `reason` is the failure reason of the job. `option` is the option of the training that can
    correct it, if there is one.
    """

    reason = "INVALID_DATASET"

    def __init__(
        self,
        problem: str,
        *,
        path: Path | None = None,
        line: int | None = None,
        column: str | None = None,
        option: str | None = None,
    ) -> None:
        self.path = path
        self.line = line
        self.column = column
        self.option = option
        place = [
            path.name if path is not None else None,
            f"line {line}" if line is not None else None,
            f"column {_cut(column)!r}" if column is not None else None,
        ]
        where = ", ".join(part for part in place if part)
        super().__init__(f"{where}: {problem}" if where else problem)


def _cut(name: str) -> str:
    return name if len(name) <= _MAX_NAME else name[: _MAX_NAME - 1] + "…"
