"""Cost of `Reporter.step()` for a training whose steps take 1 ms, as a table.

Run it with `npm run -s python -- bench/reporter.py [rounds]`.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from itertools import count

from step_cost import ROUNDS, Call, Cost, array_step, busy_step, cost, print_table, sleep_step

from trainyard import Reporter
from trainyard.reporter.shared_reporter import share

STEPS = {"busy": busy_step, "numpy": array_step, "sleep": sleep_step}


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    with tempfile.TemporaryDirectory() as home, Reporter(home, "job_1760320883609_3f7c2d2a") as report:
        report.begin(total_steps=10**12, epochs=1)
        share(report)
        with Reporter.from_environment() as nested:
            print_table(rows(report, nested, rounds))


def rows(report: Reporter, nested: Reporter, rounds: int) -> Iterator[tuple[str, str, Cost]]:
    steps = count(1)  # of the job: they increase from row to row

    def report_all(reporter: Reporter) -> Call:
        return lambda step: reporter.step(next(steps), 1, loss=1 / step, a=1.5, b=step / 7)

    calls: dict[str, Call] = {
        "an empty function, for comparison": lambda step: empty(step, 1, loss=1 / step, a=1.5, b=step / 7),
        "3 numbers at every step, in a trainer": report_all(report),
        "3 numbers at every step, in a script": report_all(nested),
        "loss at every step, each 5th recorded": lambda step: nested.step(next(steps), 1, loss=1 / step),
    }
    for name, call in calls.items():
        for step, make in STEPS.items():
            yield name, step, cost(make(), lambda _step: None, call, rounds=rounds)


def empty(step: int, epoch: int, **metrics: float) -> None:
    """Do nothing: this measures the cost of an empty call between two steps."""


if __name__ == "__main__":
    main()
