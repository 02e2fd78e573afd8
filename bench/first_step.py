"""Time of a training of 100,000 x 20 from its imports to its first step: reading, preparing, building.

Run it with `npm run -s python -- bench/first_step.py [rows]`. Each round has a process of its own. It prints the median
of the wall times, and of the processor times, which depend less on other programs.
"""

from __future__ import annotations

import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

ROUNDS = 3
STAGES = ("checksum", "read and encode", "build", "first step", "total")


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        for label, path in {
            "numbers, regression": write_table(Path(folder) / "numbers.csv", rows, categories=0),
            "5 of 20 are labels, classification": write_table(Path(folder) / "mixed.csv", rows, categories=5),
        }.items():
            rounds = [json.loads(run(path)) for _ in range(ROUNDS)]
            print(f"{label}, {rows:,} x 20 ({path.stat().st_size / 1e6:.0f} MB)")
            for position, stage in enumerate(STAGES):
                wall, cpu = (statistics.median(each[kind][position] for each in rounds) for kind in ("wall", "cpu"))
                print(f"  {stage:16} {wall:6.2f} s wall {cpu:6.2f} s CPU", flush=True)


def write_table(path: Path, rows: int, categories: int) -> Path:
    chosen = random.Random(0)
    cities = [f"city {number}" for number in range(12)]
    with path.open("w") as file:
        print(*(f"c{column}" for column in range(19)), "y", sep=",", file=file)
        for _ in range(rows):
            numbers = [round(chosen.gauss(0, 1), 4) for _ in range(19 - categories)]
            target = numbers[0] + numbers[1] * numbers[2] + chosen.gauss(0, 0.1)
            label = ("yes" if target > 0 else "no") if categories else round(target, 4)
            print(*numbers, *chosen.choices(cities, k=categories), label, sep=",", file=file)
    return path


def run(path: Path) -> str:
    done = subprocess.run([sys.executable, __file__, "--one", str(path)], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[-1]


def one(path: Path) -> None:
    import torch

    from trainyard.reporter import Reporter
    from trainyard.spec import Spec
    from trainyard.trainers.tabular import DEFAULTS
    from trainyard.trainers.tabular.attempt import Training, prepare
    from trainyard.trainers.tabular.data_identity import DataIdentity, file_sha256
    from trainyard.trainers.tabular.options import Options

    options = Options.read({})
    torch.set_num_threads(options.threads)
    spec = Spec(
        **dict.fromkeys(Spec.__dataclass_fields__)
        | {"job_id": "bench", "dataset": path.name, "options": {}, **DEFAULTS}
    )
    times = [(time.perf_counter(), time.process_time())]

    def lap() -> None:
        times.append((time.perf_counter(), time.process_time()))

    digest = file_sha256(path)
    lap()
    data = prepare(path, options, spec.seed)
    lap()
    checkpoint = path.parent / "models" / "bench.pt"
    identity = DataIdentity.of(digest, data)
    training = Training(spec, options, data, identity, torch.device("cpu"), checkpoint, Reporter(None, "bench"))
    lap()
    training.learner.learn(training.learner.batches(training.shuffle)[0], 1)
    lap()
    wall, cpu = ([later - earlier for earlier, later in pairwise(each)] for each in zip(*times))
    print(json.dumps({"wall": [*wall, sum(wall)], "cpu": [*cpu, sum(cpu)]}))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(Path(sys.argv[2]))
    else:
        main()
