"""Measure the cost of an addition to a training loop whose steps take 1 ms."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterable
from typing import NamedTuple

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # threads of NumPy would measure how busy the machine is

STEP_SECONDS = 1e-3
STEPS = 1_000  # of a round: ten writes of the status file
ROUNDS = 9

Call = Callable[[int], object]


class Cost(NamedTuple):
    """Seconds a step that one loop takes longer than another."""

    wall: float
    cpu: float
    """CPU time of the whole process, with its threads."""


def busy_step() -> Call:
    """Return a step that computes for 1 ms: a fixed number of operations, so that a slower machine shows."""

    def compute(operations: int) -> float:
        x = 0.5
        for _ in range(operations):
            x = 3.7 * x * (1.0 - x)
        return x

    operations = 1_000
    for _ in range(5):
        start = time.perf_counter()
        for _ in range(200):
            compute(operations)
        operations = max(1, round(operations * STEP_SECONDS * 200 / (time.perf_counter() - start)))
    return lambda _step: compute(operations)


def array_step() -> Call:
    """Return a step of 1 ms in NumPy: products of matrices, which evict the reporter from the CPU caches."""
    import numpy as np

    generator = np.random.default_rng(0)
    weights, batch = generator.normal(size=(768, 768)), generator.normal(size=(768, 8))

    def compute(products: int) -> None:
        for _ in range(products):
            np.dot(weights, batch)

    start = time.perf_counter()
    compute(500)
    products = max(1, round(STEP_SECONDS * 500 / (time.perf_counter() - start)))
    return lambda _step: compute(products)


def sleep_step() -> Call:
    """Return a step that waits for 1 ms, as for an accelerator."""
    return lambda _step: time.sleep(STEP_SECONDS)


def cost(work: Call, plain: Call, added: Call, steps: int = STEPS, rounds: int = ROUNDS) -> Cost:
    """Return the additional cost of ``added`` over ``plain`` after each ``work``: the median of alternating rounds.

    Each function gets the number of the step, which increases over all rounds.
    """
    differences = []
    step = 1
    for _ in range(rounds):
        before = _round(work, plain, step, steps)
        after = _round(work, added, step, steps)
        differences.append((after[0] - before[0], after[1] - before[1]))
        step += steps
    wall, cpu = zip(*differences, strict=True)
    return Cost(statistics.median(wall) / steps, statistics.median(cpu) / steps)


def print_table(rows: Iterable[tuple[str, str, Cost]], file: object = None) -> None:
    """Print rows of (source, step, cost) as they are measured."""
    print(f"{'source':44} {'step':6} {'wall':>10} {'CPU':>10} {'of 1 ms':>9}", file=file)  # type: ignore[call-overload]
    for source, step, (wall, cpu) in rows:
        print(  # type: ignore[call-overload]
            f"{source:44} {step:6} {wall * 1e6:7.1f} us {cpu * 1e6:7.1f} us {100 * wall / STEP_SECONDS:7.2f} %",
            file=file,
            flush=True,
        )


def _round(work: Call, call: Call, first: int, steps: int) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    for step in range(first, first + steps):
        work(step)
        call(step)
    return time.perf_counter() - wall, time.process_time() - cpu
