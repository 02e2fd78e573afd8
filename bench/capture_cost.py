"""Cost of captured progress for a script whose steps take 1 ms, as a table.

Run it with an interpreter that has the libraries: python bench/capture_cost.py [rounds]
"""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "python"))

from step_cost import ROUNDS, Call, Cost, busy_step, cost, print_table, sleep_step

from trainyard import Reporter
from trainyard.capture.collector import Collector
from trainyard.capture.install import install
from trainyard.capture.source_report import SourceReport

JOB = "job_1760320883609_3f7c2d2a"
TOTAL = 10**9
LIBRARIES = ("tqdm.std", "tqdm", "torch.utils.tensorboard.writer", "torch.utils.tensorboard")
STEPS = {"busy": busy_step, "sleep": sleep_step}


def printed() -> Call:
    write = sys.stdout.write  # captured or not

    def call(step: int) -> None:
        if step % 10 == 0:
            write(f"step {step}/{TOTAL} loss {1 / step:.4f}\n")

    return call


def bar() -> Call:
    from tqdm import tqdm

    progress = tqdm(total=TOTAL, file=io.StringIO())
    return lambda step: progress.update(1)


def postfix() -> Call:
    from tqdm import tqdm

    progress = tqdm(total=TOTAL, file=io.StringIO())
    return lambda step: (progress.update(1), progress.set_postfix(loss=1 / step, refresh=False))


def scalar() -> Call:
    from torch.utils.tensorboard import SummaryWriter

    writer = SummaryWriter(tempfile.mkdtemp())
    return lambda step: step % 10 or writer.add_scalar("loss", 1 / step, step)


SCRIPTS: dict[str, Callable[[], Call]] = {
    "print at every 10th step": printed,
    "tqdm": bar,
    "tqdm with a postfix at every step": postfix,
    "add_scalar at every 10th step": scalar,
}


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    out, sys.stdout = sys.stdout, io.TextIOWrapper(io.BytesIO())
    print_table(rows(rounds), file=out)


def rows(rounds: int) -> Iterator[tuple[str, str, Cost]]:
    plain = {name: make() for name, make in SCRIPTS.items()}
    for name, make in SCRIPTS.items():  # each in a job of its own: of several sources, only the richest one counts
        for module in LIBRARIES:
            sys.modules.pop(module, None)  # so that they are imported, and patched, again
        write = sys.stdout.write
        with Reporter(tempfile.mkdtemp(), JOB) as report:
            capture = install(report)
            captured = make()
            for step, work in STEPS.items():
                yield name, step, cost(work(), plain[name], captured, rounds=rounds)
            capture.close()
        sys.stdout.write = write  # type: ignore[method-assign]
    with Reporter(tempfile.mkdtemp(), JOB) as report:
        callback = SourceReport(Collector(report), "keras")
        steps = count(1)

        def call(step: int) -> None:
            callback.log({} if step % 10 else {"loss": 1 / step}, step=next(steps), epoch=1)

        for step, work in STEPS.items():
            yield "callback, loss at every 10th step", step, cost(work(), lambda _step: None, call, rounds=rounds)


if __name__ == "__main__":
    main()
