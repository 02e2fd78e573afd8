"""Results of single fits: kept in a file of JSON lines, and averaged in a table."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import mean

from tables import TABLES


@dataclass(frozen=True)
class Fit:
    """Test score (accuracy or R²) and duration of one fit, with the predictions of its test rows, in seconds."""

    table: str
    model: str
    seed: int
    fold: int
    score: float
    seconds: float


def read(path: Path) -> list[Fit]:
    """Return the fits in a file; none if it does not exist."""
    return [Fit(**json.loads(line)) for line in path.read_text().splitlines()] if path.exists() else []


def append(path: Path, fit: Fit) -> None:
    """Add a fit to the file."""
    with path.open("a") as file:
        file.write(json.dumps(asdict(fit)) + "\n")


def as_markdown(fits: Sequence[Fit], models: Sequence[str]) -> str:
    """Return a table of mean scores, each with the mean seconds of a fit, and the count of wins over the peers."""
    lines = [f"| table | kind | {' | '.join(models)} |", f"|---|---|{'---|' * len(models)}"]
    for table in TABLES:
        cells = []
        for model in models:
            of_model = [fit for fit in fits if (fit.table, fit.model) == (table.name, model)]
            scores, seconds = [fit.score for fit in of_model], [fit.seconds for fit in of_model]
            cells.append(f"{mean(scores):.4f} ({mean(seconds):.1f} s)" if of_model else "")
        if any(cells):
            lines.append(f"| {table.name} | {table.kind} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"
