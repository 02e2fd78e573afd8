"""Simulated training for machines without PyTorch. Standard library only.

The simulation passes through the same statuses as a real training and reports a decreasing loss, so that everything
around a training can be tested. It uses only the row count of the dataset and trains no model. Status, messages and log
mark it as a simulation.
"""

from __future__ import annotations

import gzip
import math
import os
import random
import time
from contextlib import suppress
from pathlib import Path

from trainyard.reporter.reporter import Reporter
from trainyard.spec import Spec
from trainyard.trainers.simulation_state import save_steps, saved_steps

STEP_SECONDS_VARIABLE = "TRAINYARD_SIMULATION_STEP_SECONDS"
"""Environment variable: duration of a simulated step, in seconds. Default: 0.02."""

STATE_SECONDS = 0.5
"""Minimum time between two saves of the simulation's state, in seconds."""

_STEP_SECONDS = 0.02  # slow enough to follow live
_DEFAULT_ROWS = 1000
_BATCH_SIZE = 32  # where the trainer would choose one
_MAX_COUNTED_BYTES = 64 << 20
_NOISE = 0.05


def train(spec: Spec, dataset: Path, checkpoint: Path, report: Reporter) -> None:
    """Simulate ``epochs * ceil(rows / batch_size)`` steps without training a model.

    A later attempt continues from the saved step and reports the same numbers as an uninterrupted run. After a kill, it
    repeats at most ``STATE_SECONDS``.

    Args:
        spec: provides epochs, batch size and seed. The same seed gives the same numbers.
        dataset: provides the row count; 1,000 if the file cannot be read.
        checkpoint: path of the placeholder file. The state is saved next to it, with the suffix ``.state.json``.
        report: receives ``loss`` at every step and ``val_loss`` at the end of every epoch.

    Raises:
        InvalidDatasetError: the dataset has changed since the first attempt.
    """
    pause = step_seconds()
    batch_size = spec.batch_size or _BATCH_SIZE
    steps_per_epoch = math.ceil(count_rows(dataset) / batch_size)
    total_steps = spec.epochs * steps_per_epoch
    state = checkpoint.with_suffix(".state.json")
    step = saved_steps(state, spec, steps_per_epoch) if report.attempt > 1 else 0

    def save() -> None:
        report.flush()
        write_placeholder(spec, checkpoint)
        save_steps(state, spec, step, steps_per_epoch)
        report.checkpoint(checkpoint)

    report.on_stop(save)
    if step:
        print(f"The simulation continues after step {step}.")
        report.resume(step, math.ceil(step / steps_per_epoch), **numbers(spec.seed, step, steps_per_epoch))
    report.begin(total_steps=total_steps, epochs=spec.epochs, simulation=True)
    saved_at = time.monotonic()
    while step < total_steps:
        time.sleep(pause)
        step += 1
        epoch = math.ceil(step / steps_per_epoch)
        losses = numbers(spec.seed, step, steps_per_epoch)
        report.step(step=step, epoch=epoch, samples=batch_size, **losses)
        if "val_loss" in losses:
            shown = ", ".join(f"{name} {value:.4f}" for name, value in losses.items())
            print(f"Epoch {epoch}/{spec.epochs}: {shown} (simulated)")
        if time.monotonic() - saved_at >= STATE_SECONDS:
            report.flush()
            with suppress(OSError):  # for example a full disk; the next save may succeed
                save_steps(state, spec, step, steps_per_epoch)
            saved_at = time.monotonic()
    save()


def numbers(seed: int, step: int, steps_per_epoch: int) -> dict[str, float]:
    """Return the metrics of a step (from 1): ``loss`` and, at the end of an epoch, ``val_loss``.

    The numbers depend only on the arguments, not on earlier steps or the number of epochs, so that a resumed attempt
    stays on the same curve.
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
    """Return the duration of a simulated step in seconds, from the environment. Default: 0.02.

    Raises:
        ValueError: the variable is not a number of seconds.
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
    """Estimate the number of rows of a file: lines without the header, extrapolated after the first 64 MiB."""
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
    """Write the file that a simulation produces instead of a model."""
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    staged = checkpoint.with_name(f".{checkpoint.name}.{os.getpid()}")
    staged.write_text(
        "This file is a placeholder, not a trained model.\n"
        f"Job {spec.job_id} was a simulation: no model was trained, and this file cannot be used for predictions.\n"
        f"To train a model on {spec.dataset!r}, install PyTorch and start a new job.\n",
        encoding="utf-8",
    )
    os.replace(staged, checkpoint)
