"""A training that only looks like one, for machines without PyTorch. Standard library only.

It goes through the same statuses as a real training and reports numbers that fall like a loss, so that everything
around a training can be tried and tested. It reads no more of the dataset than its length, learns nothing, and
says so wherever it shows.
"""

from __future__ import annotations

import gzip
import math
import os
import random
import time
from pathlib import Path

from trainyard.reporter import Reporter
from trainyard.spec import Spec

STEP_SECONDS_VARIABLE = "TRAINYARD_SIMULATION_STEP_SECONDS"
"""Environment variable: how long one simulated step takes."""

_STEP_SECONDS = 0.02  # slow enough to be watched
_DEFAULT_ROWS = 1000
_MAX_COUNTED_BYTES = 64 << 20
_NOISE = 0.05


def train(spec: Spec, dataset: Path, checkpoint: Path, report: Reporter) -> None:
    """Go through ``epochs * ceil(rows / batch_size)`` steps without training anything.

    Args:
        spec: epochs, batch size and seed are heeded; the same seed gives the same numbers.
        dataset: only its rows are counted; where there is none, 1,000 rows are assumed.
        checkpoint: where the placeholder is written, which says that it is one.
        report: gets ``loss`` at every step and ``val_loss`` at the end of every epoch.
    """
    pause = step_seconds()
    steps_per_epoch = math.ceil(count_rows(dataset) / spec.batch_size)
    total_steps = spec.epochs * steps_per_epoch
    noise = random.Random(spec.seed)
    start, floor = noise.uniform(1.0, 2.0), noise.uniform(0.05, 0.15)

    def save() -> None:
        write_placeholder(spec, checkpoint)
        report.checkpoint(checkpoint)

    report.on_stop(save)
    report.begin(total_steps=total_steps, epochs=spec.epochs, simulation=True)
    for step in range(1, total_steps + 1):
        time.sleep(pause)
        loss = floor + (start - floor) * math.exp(-4 * step / total_steps)
        epoch = 1 + (step - 1) // steps_per_epoch
        validation = {} if step % steps_per_epoch else {"val_loss": loss * (1.1 + noise.uniform(-_NOISE, _NOISE))}
        loss *= 1 + noise.uniform(-_NOISE, _NOISE)
        report.step(step=step, epoch=epoch, loss=loss, samples=spec.batch_size, **validation)
        if validation:
            print(f"Epoch {epoch}/{spec.epochs}: loss {loss:.4f}, val_loss {validation['val_loss']:.4f} (simulated)")
    save()


def step_seconds() -> float:
    """Seconds one simulated step takes, from the environment.

    Raises:
        ValueError: the variable is set to something else than a number of seconds.
    """
    text = os.environ.get(STEP_SECONDS_VARIABLE, str(_STEP_SECONDS))
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        raise ValueError(f"{STEP_SECONDS_VARIABLE} is {text!r}: set it to a number of seconds, such as 0.02.")
    return seconds


def count_rows(dataset: Path) -> int:
    """Roughly how many rows a file has: its lines without the header, extrapolated beyond the first 64 MiB."""
    size = counted = lines = 0
    try:
        size = dataset.stat().st_size
        with gzip.open(dataset, "rb") if dataset.suffix == ".gz" else dataset.open("rb") as file:
            while counted < _MAX_COUNTED_BYTES and (chunk := file.read(1 << 20)):
                counted += len(chunk)
                lines += chunk.count(b"\n")
    except (OSError, EOFError):
        return _DEFAULT_ROWS
    if lines < 2:
        return _DEFAULT_ROWS
    has_header = not dataset.name.removesuffix(".gz").endswith(".jsonl")
    rows = lines - has_header
    return rows if counted < _MAX_COUNTED_BYTES else rows * max(1, size // counted)


def write_placeholder(spec: Spec, checkpoint: Path) -> None:
    """Write the file that stands where a real job would leave its model."""
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    staged = checkpoint.with_name(f".{checkpoint.name}.{os.getpid()}")
    staged.write_text(
        "This is a placeholder, not a trained model.\n"
        f"Job {spec.job_id} was a simulation: nothing was learned, and nothing can be predicted from this file.\n"
        f"Start it again with PyTorch to train a model on {spec.dataset!r}.\n",
        encoding="utf-8",
    )
    os.replace(staged, checkpoint)
