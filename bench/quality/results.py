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
    """Test score (accuracy or R²) and CPU time of one fit, with the predictions of its test rows, in seconds."""

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
    """Return a table of mean scores, with the mean CPU seconds of a fit, over the splits that all models have done.

    A model without a fit of a table has an empty cell.
    """
    lines = [f"| table | kind | splits | {' | '.join(models)} |", f"|---|---|---|{'---|' * len(models)}"]
    for table in TABLES:
        done = {
            model: {(fit.seed, fit.fold): fit for fit in fits if (fit.table, fit.model) == (table.name, model)}
            for model in models
        }
        begun = [set(of_model) for of_model in done.values() if of_model]
        splits = set.intersection(*begun) if begun else set()
        if not splits:
            continue
        cells = []
        for model in models:
            if not done[model]:
                cells.append("")
                continue
            scores = [done[model][split].score for split in splits]
            seconds = [done[model][split].seconds for split in splits]
            cells.append(f"{mean(scores):.4f} ({mean(seconds):.1f} s)")
        lines.append(f"| {table.name} | {table.kind} | {len(splits)} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"
