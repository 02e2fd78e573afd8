"""What `Reporter.step()` costs a training whose steps take 1 ms: CPU time per call, and as a share of the step.

Run it with `npm run -s python -- bench/reporter.py`.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from trainyard import Reporter
from trainyard.shared_reporter import share

STEP_SECONDS = 1e-3
METRICS = {"loss, every 5th recorded": {}, "3 metrics, all recorded": {"a": 1.5, "b": 2.5}}
CALLS = 20_000
ROUNDS = 5


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        for folder in ("jobs", "staging", "metrics"):
            Path(home, "artifacts", folder).mkdir(parents=True)
        with Reporter(home, "job_1760320883609_3f7c2d2a") as report:
            report.begin(total_steps=10**12, epochs=1)
            share(report)
            with Reporter.from_environment() as nested:
                for title, reporter in (("in the trainer", report), ("in a script", nested)):
                    for name, metrics in METRICS.items():
                        cost = cheapest(reporter, metrics)
                        print(f"{title}: {name}: {cost * 1e6:.1f} us, {100 * cost / STEP_SECONDS:.2f}% of a 1 ms step")


def cheapest(report: Reporter, metrics: dict[str, float]) -> float:
    """Return the CPU time of a call in seconds: the lowest average of several rounds, which load disturbs least."""
    return min(round_of(lambda step: report.step(step=step, epoch=1, loss=0.5, **metrics)) for _ in range(ROUNDS))


_steps = 0


def round_of(call: Callable[[int], None]) -> float:
    global _steps
    start = time.process_time()
    for step in range(_steps + 1, _steps + CALLS + 1):
        call(step)
    _steps += CALLS
    return (time.process_time() - start) / CALLS


if __name__ == "__main__":
    main()
