"""Run trainings in the process of the test, and generate tables."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from job_under_test import JobUnderTest

from trainyard.reporter import Reporter
from trainyard.spec import Spec
from trainyard.trainers import tabular

SAMPLE = Path(tabular.__file__).parents[2] / "data/sample.csv"


def train(job: JobUnderTest, dataset: Path, options: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """Train a job with default settings, `options` and `changes`. Returns its last status."""
    job.spec(**{"backend": "TORCH", "dataset": dataset.name, **tabular.DEFAULTS, "options": options or {}, **changes})
    for left in (job.home.status(job.job_id), job.home.metrics(job.job_id)):
        left.unlink(missing_ok=True)
        left.parent.mkdir(parents=True, exist_ok=True)
    with Reporter(job.home, job.job_id) as report:
        tabular.train(Spec.read(job.home, job.job_id), dataset, job.home.checkpoint(job.job_id), report)
    return job.status()


def attempt(
    job: JobUnderTest,
    number: int,
    dataset: Path,
    options: dict[str, Any],
    epochs: int,
    reporter: Callable[..., Reporter] = Reporter,
    **changes: Any,
) -> None:
    """Run one attempt of a job. `epochs` is the total; `changes` are changes to its spec."""
    if number == 1:
        numbers = {**tabular.DEFAULTS, "epochs": epochs, **changes}
        job.spec(**{"backend": "TORCH", "dataset": dataset.name, "options": options, **numbers})
    job.queue(number, epochs)
    with reporter(job.home, job.job_id, number) as report:
        spec = replace(Spec.read(job.home, job.job_id), epochs=epochs)
        tabular.train(spec, dataset, job.home.checkpoint(job.job_id), report)


def values(job: JobUnderTest, name: str) -> list[float]:
    """Every reported value of a metric, in order."""
    return [line["values"][name] for line in job.metrics() if name in line["values"]]


def people(rows: int, target: str, seed: int = 0) -> str:
    """Generate a CSV with numbers, categories, a boolean, dates, an identifier and missing values; the target is last.

    `target` is "income" (a number), "owner" (yes or no) or "group" (one of three), and depends on the other columns.
    """
    chance = random.Random(seed)
    lines = [f"id,name,age,city,member,joined,constant,{target}"]
    worth = {"Rome": 3.0, "Oslo": 8.0, "Lima": 0.0, "Cairo": -4.0}
    for row in range(rows):
        age, city, member = chance.randint(18, 80), chance.choice(list(worth)), chance.random() < 0.4
        day = chance.randint(1, 28)
        score = 0.4 * age + worth[city] + 5 * member + chance.gauss(0, 1.5)
        label = {
            "income": f"{score:.2f}",
            "owner": "yes" if score > 24 else "no",
            "group": "low" if score < 18 else "mid" if score < 29 else "high",
        }[target]
        cells = [row + 1, f"person {row}", age, city, member, f"2025-{1 + row % 12:02}-{day:02}", 1, label]
        for column, gaps in ((2, 0.1), (3, 0.05), (7, 0.02)):
            if chance.random() < gaps:
                marker = chance.choice(["", "NA", "?"])
                cells[column] = marker if column == 2 else ""  # among texts, a marker is a value
        lines.append(",".join(map(str, cells)))
    return "\n".join(lines) + "\n"
