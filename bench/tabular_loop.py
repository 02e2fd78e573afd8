"""Compares the training loop of `tabular` with a hand-written PyTorch loop: same network, batches and validation.

    npm run -s python -- bench/tabular_loop.py

Both train in turns, an epoch each, so that a busy machine slows both. The times are CPU time, with the thread that
writes the status of the job.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np
import torch
from torch import Tensor

from trainyard.files import Home
from trainyard.reporter import Reporter
from trainyard.spec import Spec
from trainyard.trainers import tabular
from trainyard.trainers.tabular.data_identity import DataIdentity, file_sha256
from trainyard.trainers.tabular.network import TabularNetwork
from trainyard.trainers.tabular.optimizer import BETAS
from trainyard.trainers.tabular.options import Options
from trainyard.trainers.tabular.prepare import Prepared, prepare
from trainyard.trainers.tabular.training import Training
from trainyard.trainers.tabular.weight_groups import weight_groups

_JOB = "job_1760320883609_3f7c2d2a"
_COLUMNS = 20


def main() -> None:
    """Print the rows a second of both loops, and their ratio, for several tables and batch sizes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9, help="epochs of each loop")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    print(f"{'rows':>7} {'batch':>6} {'members':>7} {'hand-written':>14} {'tabular':>14} {'ratio':>6}")
    for rows, batch_size, hidden in ((2_000, 16, None), (5_000, 128, None), (40_000, 32, [64]), (40_000, 256, None)):
        members, plain, ours = measure(rows, batch_size, hidden, chosen.rounds)
        rates = f"{plain:9,.0f} rows/s {ours:9,.0f} rows/s {ours / plain:6.3f}"
        print(f"{rows:7} {batch_size:6} {members:7} {rates}", flush=True)


def measure(rows: int, batch_size: int, hidden: list[int] | None, rounds: int) -> tuple[int, float, float]:
    """Return the number of members, and the training rows a second of the hand-written loop and of ours."""
    with tempfile.TemporaryDirectory() as folder, redirect_stdout(StringIO()):
        home = Home(folder)
        for path in (home.datasets, home.staging, home.spec(_JOB).parent, home.metrics(_JOB).parent):
            path.mkdir(parents=True, exist_ok=True)
        home.status(_JOB).parent.mkdir(parents=True, exist_ok=True)
        home.checkpoint(_JOB).parent.mkdir(parents=True, exist_ok=True)
        dataset = write_table(home.datasets / "table.csv", rows)
        given = {"device": "cpu", "log_every": 0, "hidden": hidden}
        numbers = {**tabular.DEFAULTS, "batch_size": batch_size}
        home.spec(_JOB).write_text(
            json.dumps(
                {
                    "version": 1, "job_id": _JOB, "name": None, "trainer": "tabular", "backend": "TORCH",
                    "dataset": dataset.name, "options": given, "created_at": 0.0, **numbers,
                }
            )
        )  # fmt: skip
        spec, options = Spec.read(home, _JOB), Options.read(given)
        data = prepare(dataset, options, spec.seed)
        identity = DataIdentity.of(file_sha256(dataset), data)
        with Reporter(home, _JOB) as report:
            device = torch.device("cpu")
            training = Training(spec, options, data, identity, device, home.checkpoint(_JOB), report)
            report.begin(total_steps=training.steps_per_epoch * (rounds + 1), epochs=rounds + 1)

            def our_epoch() -> None:
                training.epoch, training.batches_done = training.epoch + 1, 0
                training.run_epoch()

            plain_epoch = hand_written(data, options, batch_size, training.learner.scheduler.rate(1000))
            times: tuple[list[float], list[float]] = ([], [])
            for number in range(rounds + 1):
                for epoch, found in zip((plain_epoch, our_epoch), times):
                    began = time.process_time()
                    epoch()
                    if number:  # the first one warms up
                        found.append(time.process_time() - began)
    assert not isinstance(data.schema.network, list)
    plain, ours = (len(data.training) / statistics.median(found) for found in times)
    return data.schema.network.members, plain, ours


def write_table(path: Path, rows: int) -> Path:
    """Write a table of normal numbers with a target that bends."""
    chance = np.random.default_rng(0)
    x = chance.normal(size=(rows, _COLUMNS))
    y = x[:, 0] * x[:, 1] + np.sin(3 * x[:, 2]) + 0.5 * chance.normal(size=rows)
    names = ",".join([*(f"x{n}" for n in range(_COLUMNS)), "y"])
    np.savetxt(path, np.column_stack([x, y]), fmt="%.4f", delimiter=",", header=names, comments="")
    return path


def hand_written(data: Prepared, options: Options, batch_size: int, rate: float) -> Callable[[], None]:
    """Return an epoch of a typical hand-written loop: AdamW of PyTorch, averaged weights, a validation."""
    assert not isinstance(data.schema.network, list)
    network = TabularNetwork(data.schema.network, options.dropout)
    inputs, targets = torch.from_numpy(data.inputs), torch.from_numpy(data.targets)
    training, validation = torch.from_numpy(data.training), torch.from_numpy(data.validation)
    network.initialize(network.features(inputs[training[:2048]]))
    average = TabularNetwork(data.schema.network).eval()
    average.load_state_dict(network.state_dict())
    groups = [
        {"params": group.parameters, "lr": rate * group.rate, "weight_decay": options.weight_decay * group.decays}
        for group in weight_groups(network)
    ]
    optimizer = torch.optim.AdamW(groups, betas=BETAS, fused=True)
    weights, averages = list(network.parameters()), list(average.parameters())
    loss_of = torch.nn.MSELoss()
    features = network.features(inputs)

    def epoch() -> None:
        for rows in torch.split(training[torch.randperm(len(training))], batch_size):
            optimizer.zero_grad()
            outputs: Tensor = network.learned(features[rows])
            loss = loss_of(outputs, targets[rows].expand_as(outputs))
            loss.backward()
            optimizer.step()
            with torch.no_grad():
                torch._foreach_lerp_(averages, weights, 0.02)
        with torch.no_grad():
            float(loss_of(average.mean(average.learned(features[validation])), targets[validation]))

    return epoch


if __name__ == "__main__":
    main()
