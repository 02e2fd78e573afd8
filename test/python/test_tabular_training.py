"""Trainings with PyTorch, from a dataset to status, metrics and checkpoint."""

from __future__ import annotations

import gzip
import json
import math
import os
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from job_under_test import JobUnderTest, finish, wait_for

torch = pytest.importorskip("torch", reason="PyTorch is not installed: nothing can be trained")

from safetensors import safe_open
from trained_job import SAMPLE, people, train, values

from trainyard.data import InvalidDatasetError
from trainyard.reporter import Reporter, StopTraining
from trainyard.spec import Spec
from trainyard.trainers import tabular
from trainyard.trainers.tabular.checkpoint import load_checkpoint
from trainyard.trainers.tabular.options import Options
from trainyard.trainers.tabular.prepare import prepare
from trainyard.trainers.tabular.training import DivergedError


def line(path: Path) -> tuple[float, float]:
    """Slope and intercept of a model with one numeric column and no hidden layer."""
    schema, network = load_checkpoint(path)
    (encoder,) = schema.encoders
    weight = network.linear.weight.item() * schema.target_std[0] / encoder.spread  # type: ignore[union-attr]
    bias = network.linear.bias.item() * schema.target_std[0] + schema.target_mean[0]
    return weight, bias - weight * encoder.median  # type: ignore[union-attr]


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_sample_is_learned_with_default_options(job: JobUnderTest, seed: int) -> None:
    status = train(job, SAMPLE, seed=seed)
    assert status["status"] == "COMPLETED"
    assert max(values(job, "val_r2")) > 0.99
    slope, intercept = line(job.home.checkpoint(job.job_id))
    assert slope == pytest.approx(2, abs=0.05)
    assert intercept == pytest.approx(0.05, abs=0.15)


def test_the_loss_falls_and_every_epoch_is_validated(job: JobUnderTest) -> None:
    status = train(job, SAMPLE, {"patience": 0}, epochs=60, batch_size=8)
    losses = values(job, "loss")
    assert status["total_steps"] == 180 and status["step"] == 180
    assert len(values(job, "val_loss")) == len(values(job, "val_r2")) == 60
    assert sum(losses[-10:]) < 0.05 * sum(losses[:10])
    assert job.statuses() == ["LOADING", "RUNNING", "COMPLETED"]
    assert status["progress"] == 100 and status["epoch"] == status["epochs"] == 60
    assert status["checkpoint"] == f"models/{job.job_id}.pt"
    assert status["device"] == "cpu" or torch.cuda.is_available() or torch.backends.mps.is_available()


@pytest.mark.parametrize("options", [{}, {"hidden": [16, 8], "dropout": 0.5}])
def test_the_same_seed_gives_the_same_numbers(job: JobUnderTest, options: dict[str, Any]) -> None:
    data = job.dataset("people.csv", people(200, "income"))
    options = {**options, "device": "cpu"}

    def run(seed: int) -> tuple[list[dict[str, float]], dict[str, Any]]:
        train(job, data, options, seed=seed, epochs=4)
        _, network = load_checkpoint(job.home.checkpoint(job.job_id))
        return [entry["values"] for entry in job.metrics()], network.state_dict()

    (metrics, weights), (again, weights_again), (other, _) = run(7), run(7), run(8)
    assert metrics == again
    assert all(torch.equal(weights[name], weights_again[name]) for name in weights)
    assert metrics != other


@pytest.mark.parametrize("target", ["income", "owner", "group"])
@pytest.mark.parametrize("form", ["csv", "csv.gz", "tsv", "jsonl"])
def test_a_mixed_table_with_missing_values_trains_in_every_format(job: JobUnderTest, target: str, form: str) -> None:
    text = people(300, target)
    rows = [row.split(",") for row in text.splitlines()]
    if form == "tsv":
        text = "\n".join("\t".join(row) for row in rows)
    elif form == "jsonl":
        text = "\n".join(json.dumps(dict(zip(rows[0], row))) for row in rows[1:])
    path = job.dataset(f"people.{form}", "" if form.endswith("gz") else text)
    if form.endswith("gz"):
        path.write_bytes(gzip.compress(text.encode()))
    train(job, path, {"hidden": [], "test_fraction": 0}, epochs=30)
    if target == "income":
        assert max(values(job, "val_r2")) > 0.85
    else:
        assert max(values(job, "val_accuracy")) > 0.8


def test_several_targets_are_learned_at_once(job: JobUnderTest) -> None:
    rows = [f"{x / 10},{x % 7},{x / 5},{x % 7 - x / 10}" for x in range(100)]
    data = job.dataset("two.csv", "a,b,sum,difference\n" + "\n".join(rows))
    train(job, data, {"target": ["sum", "difference"]})
    assert max(values(job, "val_r2")) > 0.99
    schema, _ = load_checkpoint(job.home.checkpoint(job.job_id))
    assert schema.targets == ["sum", "difference"]


def test_rows_without_a_target_are_excluded_and_counted(job: JobUnderTest, capsys: pytest.CaptureFixture[str]) -> None:
    rows = "".join(f"{x},{2 * x if x % 5 else ''}\n" for x in range(50))
    train(job, job.dataset("gaps.csv", f"x,y\n{rows}"), epochs=1)
    printed = capsys.readouterr().out
    assert "1 feature, 40 rows (10 without target excluded): 32 training, 8 validation." in printed


def test_the_log_lists_excluded_columns_with_reasons(job: JobUnderTest, capsys: pytest.CaptureFixture[str]) -> None:
    train(job, job.dataset("people.csv", people(100, "income")), epochs=1)
    printed = capsys.readouterr().out
    assert "Column 'id' is excluded: row number." in printed
    assert "Column 'name' is excluded: identifier (all values differ)." in printed
    assert "Column 'constant' is excluded: constant (all rows have the same number)." in printed
    assert "rows are excluded: they have no target value." in printed


def test_encoders_are_fitted_on_the_training_rows_only(job: JobUnderTest) -> None:
    data = prepare(job.dataset("people.csv", people(200, "income")), Options.read({}), seed=0)
    age, is_missing = data.inputs[:, 0], data.inputs[:, 1]
    known = age[data.training][is_missing[data.training] == 0]
    assert data.schema.encoders[0].column == "age"
    assert abs(np.median(known)) < 1e-6 and abs(np.ptp(np.percentile(known, (25, 75))) - 1) < 1e-6
    assert abs(data.targets[data.training].mean()) < 1e-6
    assert abs(np.ptp(np.percentile(age[is_missing == 0], (25, 75))) - 1) > 1e-6
    assert not set(data.training) & set(data.validation)


def test_early_stopping_completes_the_job_and_keeps_the_best_weights(job: JobUnderTest) -> None:
    data = job.dataset("noise.csv", people(120, "income"))
    status = train(job, data, {"hidden": [64], "patience": 3}, epochs=500)
    losses = values(job, "val_loss")
    best = min(range(len(losses)), key=losses.__getitem__)
    assert status["status"] == "COMPLETED" and status["progress"] == 100
    assert status["step"] == status["total_steps"] and status["epoch"] == status["epochs"] == len(losses) == best + 4
    assert f"(epoch {best + 1}). Stopped early: no improvement in 3 epochs." in status["message"]
    saved = torch.load(job.home.checkpoint(job.job_id), weights_only=True)
    assert saved["training"]["val_loss"] == losses[best] and saved["training"]["epoch"] == best + 1


def test_the_checkpoint_loads_safely_and_both_files_are_equal(job: JobUnderTest) -> None:
    train(job, job.dataset("people.csv", people(100, "owner")), epochs=2)
    checkpoint = job.home.checkpoint(job.job_id)
    saved = torch.load(checkpoint, weights_only=True)
    with safe_open(checkpoint.with_suffix(".safetensors"), framework="pt") as file:
        facts = json.loads(file.metadata()["trainyard"])
        for name in file.keys():  # noqa: SIM118 - not a dict
            assert torch.equal(file.get_tensor(name), saved["weights"][name])
    assert facts == {name: value for name, value in saved.items() if name != "weights"}
    assert facts["classes"] == ["no", "yes"]
    assert [encoder["column"] for encoder in facts["encoders"]] == ["age", "city", "member", "joined"]
    assert not any(job.home.staging.iterdir())


def test_divergence_ends_with_advice(job: JobUnderTest) -> None:
    with pytest.raises(DivergedError, match="learning rate below 1e"):
        train(job, SAMPLE, {"optimizer": "sgd"}, learning_rate=1e6)
    status = job.status()
    assert status["status"] == "ERROR" and status["error"]["reason"] == "TRAINER_ERROR"
    assert "Start a new job with a learning rate below" in status["error"]["message"]


@pytest.mark.parametrize("optimizer", ["adam", "adamw", "sgd"])
def test_every_optimizer_learns_the_sample(job: JobUnderTest, optimizer: str) -> None:
    train(job, SAMPLE, {"optimizer": optimizer, "patience": 0})
    assert max(values(job, "val_r2")) > 0.95


LINE = [f"{row},{row}.5" for row in range(30)]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (["1,2", "2,3", "3,5", "4,5"], "4 rows with a target value found; training and validation need at least 5"),
        (["1,2.5", "2,", "3,", "4,", "5,", "6,7"], "2 rows with a target value found.*4 rows have no target value"),
        ([f"name{row},{row * row}" for row in range(30)], "no usable column to predict y from"),
        ([*LINE, "inf,2"], "line 32, column 'x': 'inf' is infinite"),
        ([*LINE, "1,-inf"], "line 32, column 'y': '-inf' is infinite"),
        ([f"{row},{row}e306" for row in range(30)], "column 'y': the target values are too large"),
    ],
)
def test_unsuitable_data_ends_as_an_invalid_dataset(job: JobUnderTest, rows: list[str], words: str) -> None:
    with pytest.raises(InvalidDatasetError, match=words):
        train(job, job.dataset("bad.csv", "\n".join(["x,y", *rows])))
    assert job.status()["error"]["reason"] == "INVALID_DATASET"


def test_huge_and_tiny_numbers_are_standardized(job: JobUnderTest) -> None:
    rows = "".join(f"{x * 1e300},{x * 1e-300},{2 * x}.5\n" for x in range(60))
    train(job, job.dataset("extreme.csv", f"big,small,y\n{rows}"))
    assert max(values(job, "val_r2")) > 0.99


def test_an_unavailable_device_is_an_error(job: JobUnderTest) -> None:
    missing = "mps" if torch.cuda.is_available() else "cuda"  # no machine has both
    with pytest.raises(ValueError, match=f"found no {missing} device"):
        train(job, SAMPLE, {"device": missing})


def test_a_stop_saves_the_best_weights_so_far(job: JobUnderTest) -> None:
    job.dataset("people.csv", people(500, "income"))
    options = {"patience": 0, "hidden": [64], "log_every": 0}
    job.spec(backend="TORCH", dataset="people.csv", epochs=100_000, batch_size=32, options=options)
    supervisor = job.supervise()
    wait_for(lambda: "val_r2" in job.status().get("metrics", {}), "a first validated epoch")
    supervisor.send_signal(signal.SIGTERM)
    finish(supervisor)
    status = job.status()
    assert status["status"] == "STOPPED" and job.exit()["exit_code"] == 0
    assert status["checkpoint"] == f"models/{job.job_id}.pt"
    saved = torch.load(job.home.path / status["checkpoint"], weights_only=True)
    assert math.isclose(saved["training"]["val_loss"], min(values(job, "val_loss")))


def test_a_stop_while_reading_data_ends_before_training(job: JobUnderTest) -> None:
    job.spec(backend="TORCH", dataset=SAMPLE.name)
    with Reporter(job.home, job.job_id) as report:
        os.kill(os.getpid(), signal.SIGTERM)
        tabular.train(Spec.read(job.home, job.job_id), SAMPLE, job.home.checkpoint(job.job_id), report)
    assert job.statuses()[0] == "LOADING" and job.statuses()[-1] == "STOPPED" and "RUNNING" not in job.statuses()
    assert job.status()["step"] == 0 and job.status()["checkpoint"] is None


def test_reading_a_long_file_can_be_aborted(job: JobUnderTest) -> None:
    calls = []

    def stop_at_the_second_block() -> None:
        calls.append(1)
        if len(calls) == 2:
            raise StopTraining

    data = job.dataset("long.csv", "x,y\n" + "".join(f"{row},{row}.5\n" for row in range(200_000)))
    with pytest.raises(StopTraining):
        prepare(data, Options.read({}), 0, stop_at_the_second_block)
