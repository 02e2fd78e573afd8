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
from contextlib import suppress
from pathlib import Path

from trainyard.reporter import Reporter
from trainyard.spec import Spec
from trainyard.trainers.simulation_state import save_steps, saved_steps

STEP_SECONDS_VARIABLE = "TRAINYARD_SIMULATION_STEP_SECONDS"
"""Environment variable: how long one simulated step takes."""

STATE_SECONDS = 0.5
"""How often a simulation saves how far it is, at most."""

_STEP_SECONDS = 0.02  # slow enough to be watched
_DEFAULT_ROWS = 1000
_MAX_COUNTED_BYTES = 64 << 20
_NOISE = 0.05


def train(spec: Spec, dataset: Path, checkpoint: Path, report: Reporter) -> None:
    """Go through ``epochs * ceil(rows / batch_size)`` steps without training anything.

    An attempt above 1 goes on where the one before it stopped, or at most ``STATE_SECONDS`` before where it was killed,
    and reports the numbers that it would have reported without an interruption.

    Args:
        spec: epochs, batch size and seed are heeded; the same seed gives the same numbers.
        dataset: only its rows are counted; where there is none, 1,000 rows are assumed.
        checkpoint: where the placeholder is written, which says that it is one. How far the simulation is lies beside
            it, in a ``.state.json``.
        report: gets ``loss`` at every step and ``val_loss`` at the end of every epoch.

    Raises:
        InvalidDatasetError: the dataset has changed since the first attempt.
    """
    pause = step_seconds()
    steps_per_epoch = math.ceil(count_rows(dataset) / spec.batch_size)
    total_steps = spec.epochs * steps_per_epoch
    state = checkpoint.with_suffix(".state.json")
    step = saved_steps(state, spec, steps_per_epoch) if report.attempt > 1 else 0

    def save() -> None:
        write_placeholder(spec, checkpoint)
        save_steps(state, spec, step, steps_per_epoch)
        report.checkpoint(checkpoint)

    report.on_stop(save)
    if step:
        print(f"The simulation goes on after step {step}.")
        report.resume(step, math.ceil(step / steps_per_epoch), **numbers(spec.seed, step, steps_per_epoch))
    report.begin(total_steps=total_steps, epochs=spec.epochs, simulation=True)
    saved_at = time.monotonic()
    while step < total_steps:
        time.sleep(pause)
        step += 1
        epoch = math.ceil(step / steps_per_epoch)
        losses = numbers(spec.seed, step, steps_per_epoch)
        report.step(step=step, epoch=epoch, samples=spec.batch_size, **losses)
        if "val_loss" in losses:
            shown = ", ".join(f"{name} {value:.4f}" for name, value in losses.items())
            print(f"Epoch {epoch}/{spec.epochs}: {shown} (simulated)")
        if time.monotonic() - saved_at >= STATE_SECONDS:
            with suppress(OSError):  # a full disk; the next one may succeed
                save_steps(state, spec, step, steps_per_epoch)
            saved_at = time.monotonic()
    save()


def numbers(seed: int, step: int, steps_per_epoch: int) -> dict[str, float]:
    """What a step (from 1) reports: ``loss`` and, where an epoch ends, ``val_loss``.

    A step's numbers depend on nothing but these arguments, neither on the steps before it nor on how many there are
    to be: so an attempt that goes on, with more epochs perhaps, stays on the same curve.
    """
    curve = random.Random(seed)
    start, floor = curve.uniform(1.0, 2.0), curve.uniform(0.05, 0.15)
    noise = random.Random(f"{seed} {step}")
    loss = floor + (start - floor) / (1 + step / steps_per_epoch)
    losses = {"loss": loss * (1 + noise.uniform(-_NOISE, _NOISE))}
    if step % steps_per_epoch == 0:
        losses["val_loss"] = loss * (1.1 + noise.uniform(-_NOISE, _NOISE))
    return losses


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
