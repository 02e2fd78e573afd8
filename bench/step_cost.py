"""Measure the cost of an addition to a training loop whose steps take 1 ms."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterable
from typing import NamedTuple

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # threads of NumPy would measure how busy the machine is

STEP_SECONDS = 1e-3
STEPS = 400  # of a block: four writes of the metrics file, and one or more of the status file
WARM_UP = 20  # steps before a block, after which the caches are as in a training
SETTLE_SECONDS = 0.45  # after a block: a thread writes the remaining data, which the next block must not measure
ROUNDS = 16

Call = Callable[[int], object]


class Cost(NamedTuple):
    """Seconds a step that one loop takes longer than another."""

    wall: float
    low: float
    """First quartile of the wall time over the rounds."""
    high: float
    """Third quartile."""
    call: float
    """Median time of the call itself. Other programs on the machine hardly change it."""
    main: float
    """CPU time of the thread that computes."""
    others: float
    """CPU time of all other threads of the process. A loop in Python waits while they hold the interpreter lock."""

    @property
    def whole(self) -> float:
        """Time of the call and CPU time of the other threads: what a loop loses at most, apart from its CPU caches.

        Its noise is some microseconds, also where that of the wall time is a hundred.
        """
        return self.call + self.others


class _Block(NamedTuple):
    """Seconds a step."""

    wall: float
    call: float
    main: float
    others: float


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
    """Return the additional cost of ``added`` over ``plain`` after each ``work``: the median of rounds.

    A round is a block of steps with each of them, first with ``plain`` in one round and with ``added`` in the next
    one, so that a machine that gets slower or faster favours neither. Each function gets the number of the step,
    which increases over all rounds.
    """
    differences = []
    step = 1
    for number in range(rounds):
        blocks = {}
        for call in (plain, added) if number % 2 == 0 else (added, plain):
            blocks[call] = _block(work, call, step, steps)
            step += steps + WARM_UP
            time.sleep(SETTLE_SECONDS)
        differences.append([after - before for before, after in zip(blocks[plain], blocks[added], strict=True)])
    columns = [sorted(column) for column in zip(*differences, strict=True)]
    wall, call, main, others = map(statistics.median, columns)
    return Cost(wall, columns[0][rounds // 4], columns[0][-1 - rounds // 4], call, main, others)


def print_table(rows: Iterable[tuple[str, str, Cost]], file: object = None) -> None:
    """Print rows of (source, step, cost) as they are measured, in microseconds a step."""
    print(  # type: ignore[call-overload]
        f"{'us a step':38} {'step':6} {'the call':>9} {'threads':>8} {'together':>9} {'of 1 ms':>8} "
        f"{'wall':>8} {'its quartiles':>17} {'CPU':>7}",
        file=file,
    )
    for source, step, measured in rows:
        quartiles = f"{measured.low * 1e6:.1f} to {measured.high * 1e6:.1f}"
        print(  # type: ignore[call-overload]
            f"{source:38} {step:6} {measured.call * 1e6:9.1f} {measured.others * 1e6:8.1f} {measured.whole * 1e6:9.1f} "
            f"{100 * measured.whole / STEP_SECONDS:6.2f} % {measured.wall * 1e6:8.1f} {quartiles:>17} "
            f"{measured.main * 1e6:7.1f}",
            file=file,
            flush=True,
        )


def _block(work: Call, call: Call, first: int, steps: int) -> _Block:
    for step in range(first, first + WARM_UP):
        work(step)
        call(step)
    clock = time.perf_counter
    calls = []
    wall, process, main = clock(), time.process_time(), time.thread_time()
    for step in range(first + WARM_UP, first + WARM_UP + steps):
        work(step)
        before = clock()
        call(step)
        calls.append(clock() - before)
    main = time.thread_time() - main
    others = time.process_time() - process - main
    return _Block((clock() - wall) / steps, statistics.median(calls), main / steps, others / steps)
