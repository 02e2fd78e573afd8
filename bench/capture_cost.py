"""What captured progress costs a script, in microseconds a step. A step of 1 ms allows 10 (1 %).

Run it with an interpreter that has the libraries: python bench/capture_cost.py [steps]
"""

from __future__ import annotations

import io
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "python"))

from trainyard import Reporter
from trainyard.capture.collector import Collector
from trainyard.capture.install import install
from trainyard.capture.source_report import SourceReport

JOB = "job_1760320883609_3f7c2d2a"
STEP_SECONDS = 0.001


def busy() -> None:
    """Compute for 1 ms, as a training step does."""
    end = time.perf_counter() + STEP_SECONDS
    while time.perf_counter() < end:
        pass


def microseconds(steps: int, call: Callable[[int], object]) -> float:
    """Return the mean CPU time of a call between steps of 1 ms; the shortest of three runs."""
    best = float("inf")
    for _ in range(3):
        spent = 0.0
        for step in range(1, steps + 1):
            busy()
            start = time.thread_time()
            call(step)
            spent += time.thread_time() - start
        best = min(best, spent / steps)
    return best * 1e6


def sources(steps: int) -> dict[str, Callable[[], Callable[[int], object]]]:
    """Return, by name, what makes the call of a step. Each is measured without and with capture."""

    def printed() -> Callable[[int], object]:
        return lambda step: step % 10 or print(f"step {step}/{steps} loss {1 / step:.4f}")

    def bar() -> Callable[[int], object]:
        from tqdm import tqdm

        progress = tqdm(total=3 * steps, file=io.StringIO())
        return lambda step: progress.update(1)

    def postfix() -> Callable[[int], object]:
        from tqdm import tqdm

        progress = tqdm(total=3 * steps, file=io.StringIO())
        return lambda step: (progress.update(1), progress.set_postfix(loss=0.5, refresh=False))

    def scalar() -> Callable[[int], object]:
        from torch.utils.tensorboard import SummaryWriter

        writer = SummaryWriter(tempfile.mkdtemp())
        return lambda step: step % 10 or writer.add_scalar("loss", 0.5, step)

    return {
        "print every 10th step": printed,
        "tqdm": bar,
        "tqdm with postfix": postfix,
        "add_scalar every 10th step": scalar,
    }


def main() -> None:
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    out = sys.stdout
    sys.stdout = io.TextIOWrapper(io.BytesIO(), write_through=True)
    plain = {name: microseconds(steps, make()) for name, make in sources(steps).items()}
    for name in ("tqdm.std", "tqdm", "torch.utils.tensorboard.writer", "torch.utils.tensorboard"):
        sys.modules.pop(name, None)  # so that they are imported, and patched, again
    with Reporter(tempfile.mkdtemp(), JOB) as report:
        install(report)
        captured = {name: microseconds(steps, make()) for name, make in sources(steps).items()}
    with Reporter(tempfile.mkdtemp(), JOB) as report:
        callback = SourceReport(Collector(report), "keras")
        captured["callback of a trainer"] = microseconds(steps, lambda step: callback.log({}, step=step, epoch=1))
        captured["callback, loss every 10th step"] = microseconds(
            steps, lambda step: callback.log({} if step % 10 else {"loss": 0.5}, step=step, epoch=1)
        )
    with Reporter(tempfile.mkdtemp(), JOB) as report:
        captured["Reporter.step, for comparison"] = microseconds(steps, lambda step: report.step(step, loss=0.5))
    for name, cost in captured.items():
        before = plain.get(name, 0.0)
        print(
            f"{name:32} {before:7.2f} us plain {cost - before:7.2f} us added {(cost - before) / 10:5.2f} % of 1 ms",
            file=out,
        )


if __name__ == "__main__":
    main()
