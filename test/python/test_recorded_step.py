"""On a GPU, the steps of the tabular trainer are recorded, and give the same numbers as others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from job_under_test import JobUnderTest

torch = pytest.importorskip("torch", reason="PyTorch is not installed: nothing can be trained")

from trained_job import attempt, people, train, values

from trainyard.spec import Spec
from trainyard.trainers import tabular
from trainyard.trainers.tabular.learner import Learner
from trainyard.trainers.tabular.options import Options
from trainyard.trainers.tabular.prepare import prepare
from trainyard.trainers.tabular.recorded_step import WARM_UP_STEPS, RecordedStep

needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU of NVIDIA or AMD")


def learner_on(device: str, job: JobUnderTest, target: str, options: dict[str, Any]) -> Learner:
    dataset = job.home.datasets / "people.csv"
    dataset.parent.mkdir(parents=True, exist_ok=True)
    dataset.write_text(people(700, target))
    given = {"device": device, **options}
    job.spec(backend="TORCH", dataset=dataset.name, options=given, **{**tabular.DEFAULTS, "batch_size": 64})
    read = Options.read(given)
    return Learner(Spec.read(job.home, job.job_id), read, prepare(dataset, read, 0), torch.device(device))


def trained_weights(learner: Learner, epochs: int) -> tuple[Any, list[float]]:
    shuffle, step, losses = torch.Generator().manual_seed(1), 0, []
    for epoch in range(epochs):
        for rows in learner.batches(shuffle):
            step += 1
            losses.append(learner.learn(rows, step))
        learner.adapt(1.0 / (epoch + 1))
    return learner.weights(), [float(loss) for loss in losses]


def test_a_cpu_records_nothing(job: JobUnderTest) -> None:
    assert learner_on("cpu", job, "income", {}).recorded is None


@needs_gpu
def test_sgd_is_not_recorded(job: JobUnderTest) -> None:
    learner = learner_on("cuda", job, "income", {"optimizer": "sgd"})
    assert learner.recorded is None
    trained_weights(learner, 1)


@needs_gpu
@pytest.mark.parametrize("target", ["income", "group"])
@pytest.mark.parametrize("options", [{}, {"dropout": 0.2}, {"hidden": [32, 16], "optimizer": "adam"}])
def test_recorded_steps_give_the_same_weights_as_others(
    job: JobUnderTest, target: str, options: dict[str, Any]
) -> None:
    recorded, plain = (learner_on("cuda", job, target, options) for _ in range(2))
    assert recorded.recorded is not None and plain.recorded is not None
    plain.recorded._can_record = False
    found = []
    for learner in (recorded, plain):
        torch.manual_seed(0)
        found.append(trained_weights(learner, 4))
    assert recorded.recorded._graph is not None
    assert plain.recorded._graph is None
    (weights, losses), (plain_weights, plain_losses) = found
    assert losses == plain_losses
    assert all(torch.equal(weights[name], plain_weights[name]) for name in weights)


@needs_gpu
def test_a_resume_on_a_gpu_continues_the_numbers(job: JobUnderTest, tmp_path: Path) -> None:
    dataset = tmp_path / "people.csv"
    dataset.write_text(people(700, "income"))
    options = {"device": "cuda", "patience": 0, "dropout": 0.2}
    train(job, dataset, options, epochs=8, batch_size=64)
    whole = values(job, "val_loss")
    job.home.metrics(job.job_id).unlink()
    job.home.checkpoint(job.job_id).with_suffix(".state.pt").unlink()
    for number, epochs in ((1, 4), (2, 8)):
        attempt(job, number, dataset, options, epochs, batch_size=64)
    assert values(job, "val_loss") == whole


def test_a_step_that_cannot_be_recorded_runs_as_it_is(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    calls = []

    def step(rows: Any, rate: Any, share: Any) -> Any:
        calls.append((rows.tolist(), float(rate), float(share)))
        return torch.tensor(len(calls))

    def fail(graph: Any) -> None:
        raise RuntimeError("CUDA error: operation not permitted when stream is capturing")

    recorded = RecordedStep(2, torch.device("cpu"))
    monkeypatch.setattr(torch.cuda, "CUDAGraph", object)
    monkeypatch.setattr(torch.cuda, "graph", fail)
    count = WARM_UP_STEPS + 3
    losses = [int(recorded.run(step, torch.tensor([n, n + 1]), 0.5, 0.25)) for n in range(count)]
    assert losses == list(range(1, count + 1))
    assert calls == [([n, n + 1], 0.5, 0.25) for n in range(count)]
    assert capsys.readouterr().out.count("continues without a recorded step") == 1
