"""Kinds of tables that need more than a plain network, models of earlier versions, and parts of the learner."""

from __future__ import annotations

import math
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from job_under_test import JobUnderTest

torch = pytest.importorskip("torch", reason="PyTorch is not installed: nothing can be trained")

import numpy as np
from trained_job import people, train, values

from trainyard.trainers.tabular.batch_size import choose_batch_size
from trainyard.trainers.tabular.checkpoint import load_checkpoint
from trainyard.trainers.tabular.flat_parameters import FlatParameters
from trainyard.trainers.tabular.network_v1 import TabularNetworkV1
from trainyard.trainers.tabular.optimizer import BETAS, MOMENTUM, Optimizer
from trainyard.trainers.tabular.plateau import EPOCHS, FACTOR, PlateauSchedule
from trainyard.trainers.tabular.predict import predict_file
from trainyard.trainers.tabular.weight_groups import WeightGroup

# -- kinds of tables


@pytest.mark.parametrize("zeros", [0.0, 0.6])
def test_an_amount_of_money_is_followed_over_six_orders_of_magnitude(job: JobUnderTest, zeros: float) -> None:
    chance = random.Random(1)
    rows = []
    for _ in range(800):
        cost = 0.0 if chance.random() < zeros else math.exp(chance.gauss(3, 2.5))
        rows.append(f"{cost:.2f},{chance.gauss(0, 1):.3f},{2 * cost:.2f}")
    train(job, job.dataset("costs.csv", "cost,noise,total\n" + "\n".join(rows)), {"log_every": 0}, epochs=3)
    assert max(values(job, "val_r2")) > 0.999


def test_extreme_values_without_a_linear_meaning_do_not_dominate(job: JobUnderTest) -> None:
    chance = random.Random(2)
    rows = []
    for _ in range(600):
        size = math.exp(chance.gauss(0, 3))
        rows.append(f"{size:.6g},{math.log(size) + chance.gauss(0, 0.3):.3f}")
    train(job, job.dataset("sizes.csv", "size,magnitude\n" + "\n".join(rows)), {"log_every": 0}, epochs=30)
    assert max(values(job, "val_r2")) > 0.9


def test_ten_of_a_thousand_columns_are_found_in_eighty_rows(job: JobUnderTest) -> None:
    chance = random.Random(3)
    names = [f"g{n}" for n in range(1000)]
    rows = []
    for row in range(80):
        shift = 2.5 if row % 2 else -2.5
        cells = [f"{chance.gauss(0, 1) + (shift if n < 10 else 0):.3f}" for n in range(1000)]
        rows.append(",".join([*cells, "ill" if row % 2 else "well"]))
    train(job, job.dataset("genes.csv", ",".join([*names, "state"]) + "\n" + "\n".join(rows)), {"log_every": 0})
    assert max(values(job, "val_accuracy")) >= 0.9
    assert min(values(job, "val_loss")) < 0.35


def test_balanced_class_weights_find_more_of_a_rare_class(job: JobUnderTest) -> None:
    chance = random.Random(4)
    rows = []
    for _ in range(600):
        is_ill = chance.random() < 0.1
        rows.append(f"{chance.gauss(1.2 if is_ill else 0, 1):.3f},{'ill' if is_ill else 'well'}")
    data = job.dataset("rare.csv", "x,state\n" + "\n".join(rows))
    found = {}
    for weights in ("none", "balanced"):
        train(job, data, {"log_every": 0, "hidden": [], "class_weights": weights}, epochs=15)
        predict_file(job.home.checkpoint(job.job_id), data, data.with_name("out.csv"))
        lines = data.with_name("out.csv").read_text().splitlines()[1:]
        found[weights] = sum(line.split(",")[1:3] == ["ill", "ill"] for line in lines)
    assert found["balanced"] > 2 * found["none"] + 10


# -- batch size


@pytest.mark.parametrize(
    ("rows", "size"),
    [(1, 16), (100, 16), (1000, 64), (2000, 128), (6000, 256), (99_999, 256), (100_000, 512), (10**6, 1024)],
)
def test_the_default_batch_size_follows_the_number_of_rows(rows: int, size: int) -> None:
    assert choose_batch_size(rows) == size


def test_the_chosen_batch_size_is_reported(job: JobUnderTest, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    from trainyard.reporter import Reporter

    begin = Reporter.begin
    monkeypatch.setattr(Reporter, "begin", lambda self, **given: (seen.append(given), begin(self, **given))[1])
    train(job, job.dataset("people.csv", people(300, "income")), {"log_every": 0}, epochs=1)
    assert "Batch size 16." in seen[0]["message"]
    train(job, job.dataset("people.csv", people(300, "income")), {"log_every": 0}, epochs=1, batch_size=77)
    assert "Batch size 77." in seen[1]["message"]


# -- models of earlier versions


@pytest.mark.parametrize("hidden", [[], [8, 4]])
def test_a_model_of_format_version_1_still_predicts(tmp_path: Path, hidden: list[int]) -> None:
    torch.manual_seed(0)
    network = TabularNetworkV1(5, 1, hidden)
    for weight in network.parameters():
        torch.nn.init.normal_(weight)
    facts = {
        "format": "trainyard.tabular", "version": 1, "task": "regression", "targets": ["y"], "classes": [],
        "target_mean": [10.0], "target_std": [2.0], "hidden": hidden, "training": {},
        "encoders": [
            {"type": "number", "column": "a", "median": 1.0, "mean": 2.0, "std": 4.0, "marks_missing": True},
            {"type": "category", "column": "b", "levels": ["x", "y"], "has_other": False, "marks_missing": True},
        ],
    }  # fmt: skip
    path = tmp_path / "old.pt"
    torch.save({**facts, "weights": network.state_dict()}, path)
    data = tmp_path / "rows.csv"
    data.write_text("a,b\n3,x\n,y\n100,\n")
    predict_file(path, data, tmp_path / "out.csv")
    predicted = [float(line.split(",")[-1]) for line in (tmp_path / "out.csv").read_text().splitlines()[1:]]
    # (x - mean) / std, clipped at 10; whether it is missing; the categories; whether they are missing.
    inputs = torch.tensor([[0.25, 0, 1, 0, 0], [-0.25, 1, 0, 1, 0], [10, 0, 0, 0, 1]], dtype=torch.float32)
    expected = network(inputs).squeeze(1) * 2 + 10
    assert predicted == pytest.approx(expected.tolist(), rel=1e-5)
    schema, loaded = load_checkpoint(path)
    assert schema.inputs == 5 and isinstance(loaded, TabularNetworkV1)


# -- parts of the learner


@pytest.mark.parametrize("algorithm", ["adam", "adamw", "sgd"])
def test_an_optimizer_equals_that_of_pytorch_with_a_rate_for_each_group(algorithm: str) -> None:
    torch.manual_seed(0)
    ours = [torch.nn.Parameter(torch.randn(4, 3)), torch.nn.Parameter(torch.randn(5))]
    theirs = [torch.nn.Parameter(parameter.detach().clone()) for parameter in ours]
    groups = [WeightGroup(1.0, True, ours[:1]), WeightGroup(6.0, False, ours[1:])]
    optimizer = Optimizer(FlatParameters(ours), groups, algorithm, 0.1)
    settings: list[dict[str, Any]] = [
        {"params": theirs[:1], "lr": 0.02, "weight_decay": 0.1},
        {"params": theirs[1:], "lr": 0.12, "weight_decay": 0.0},
    ]
    if algorithm == "sgd":
        reference: Any = torch.optim.SGD(settings, momentum=MOMENTUM)
    else:
        reference = (torch.optim.Adam if algorithm == "adam" else torch.optim.AdamW)(settings, betas=BETAS)
    for _ in range(5):
        for parameters in (ours, theirs):
            sum((parameter**3).sum() for parameter in parameters).backward()  # type: ignore[union-attr]
        optimizer.step(0.02)
        reference.step()
        reference.zero_grad()
    for mine, other in zip(ours, theirs):
        assert torch.allclose(mine, other, rtol=1e-4, atol=1e-6)


def test_the_rate_falls_when_the_validation_loss_stops_falling() -> None:
    schedule = PlateauSchedule(0.1)
    schedule.adapt(1.0)
    for _ in range(EPOCHS):
        schedule.adapt(1.0)
    assert schedule.rate(1000) == 0.1
    schedule.adapt(1.0)
    assert schedule.rate(1000) == pytest.approx(0.1 * FACTOR)
    assert schedule.rate(1) < schedule.rate(1000)


def test_a_training_does_not_import_the_compiler_of_pytorch(job: JobUnderTest) -> None:
    source = (
        "import sys; from pathlib import Path\n"
        "from trained_job import train, people; from job_under_test import JobUnderTest\n"
        f"job = JobUnderTest(Path({str(job.home.path / 'inner')!r}))\n"
        "train(job, job.dataset('people.csv', people(300, 'income')), {'log_every': 0}, epochs=1)\n"
        "print('torch._dynamo' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, check=True, cwd=Path(__file__).parent
    )
    assert done.stdout.splitlines()[-1] == "False"


def test_huge_numbers_do_not_overflow(job: JobUnderTest) -> None:
    chance = np.random.default_rng(0)
    rows = "\n".join(f"{x:.6g}e300,{x:.4f}" for x in chance.normal(size=60))
    train(job, job.dataset("huge.csv", f"x,y\n{rows}"), {"log_every": 0})
    assert max(values(job, "val_r2")) > 0.99
