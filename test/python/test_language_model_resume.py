"""An interrupted training of a language model continues with exactly the same numbers, on the CPU."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed: nothing can be trained")
pytest.importorskip("transformers", reason="Transformers is not installed")
pytest.importorskip("peft", reason="PEFT is not installed")
os.environ["HF_HUB_OFFLINE"] = "1"

from interruptions import at_step, stop
from language_job import LanguageJob, chats, jsonl, story
from safetensors.torch import load_file

from trainyard.data import InvalidDatasetError
from trainyard.reporter import Reporter
from trainyard.trainers.language_model.model_source import UnusableModelError
from trainyard.trainers.tabular.training_state import state_path

EPOCHS = 3  # of 4 steps each


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> LanguageJob:
    reference = LanguageJob(tmp_path_factory.mktemp("uninterrupted"))
    reference.attempt(EPOCHS)
    assert reference.status()["step"] == 12
    return reference


def assert_same(job: LanguageJob, reference: LanguageJob) -> None:
    """Assert that all reported numbers, the weights and the sample equal those of the reference."""
    assert job.history() == reference.history()
    assert job.history()
    weights, wanted = (
        load_file(each.home.checkpoint(each.job_id).with_suffix(".safetensors")) for each in (job, reference)
    )
    assert weights.keys() == wanted.keys()
    for name in weights:
        assert torch.equal(weights[name], wanted[name]), name
    assert (job.outputs / "sample.txt").read_bytes() == (reference.outputs / "sample.txt").read_bytes()


@pytest.mark.parametrize("step", [1, 3, 4, 10])
def test_a_stopped_job_continues_with_the_same_numbers(tmp_path: Path, uninterrupted: LanguageJob, step: int) -> None:
    job = LanguageJob(tmp_path)
    status = job.attempt(EPOCHS, at_step(step, stop))
    assert status["status"] == "STOPPED"
    # The next step saves; at the end of an epoch, the validation does.
    assert status["step"] == (step if step == 4 else step + 1)
    assert status["checkpoint"] == f"models/{job.job_id}.safetensors"
    assert job.attempt(EPOCHS)["status"] == "COMPLETED"
    assert_same(job, uninterrupted)


@pytest.mark.parametrize(
    "options",
    [
        {"gradient_accumulation": 2, "packing": False, "schedule": "cosine", "warmup_fraction": 0.5},
        {"weight_decay": 0.1, "max_grad_norm": 0, "schedule": "constant", "precision": "bfloat16"},
    ],
)
def test_every_schedule_and_batch_can_resume(tmp_path: Path, options: dict[str, Any]) -> None:
    jobs = [LanguageJob(tmp_path / name, options=options) for name in ("reference", "job")]
    for job in jobs:
        job.data = job.dataset("chat.jsonl", jsonl([*chats(40), {"text": story(10)}]))
    jobs[0].attempt(EPOCHS)
    jobs[1].attempt(EPOCHS, at_step(3, stop))
    jobs[1].attempt(EPOCHS)
    assert_same(jobs[1], jobs[0])


def test_adapters_resume_with_the_same_numbers(tmp_path: Path, uninterrupted: LanguageJob) -> None:
    options = {"model": "base", "lora_rank": 4, "lora_dropout": 0.2}
    jobs = [LanguageJob(tmp_path / name, options=options) for name in ("reference", "job")]
    for job in jobs:
        shutil.copytree(uninterrupted.outputs / "model", job.home.path / "models/base")
    jobs[0].attempt(EPOCHS)
    jobs[1].attempt(EPOCHS, at_step(6, stop))
    jobs[1].attempt(EPOCHS)
    assert_same(jobs[1], jobs[0])


def test_a_later_attempt_with_more_epochs_equals_one_long_run(tmp_path: Path) -> None:
    jobs = [LanguageJob(tmp_path / name, options={"schedule": "constant"}) for name in ("reference", "job")]
    jobs[0].attempt(EPOCHS)
    assert jobs[1].attempt(1)["status"] == "COMPLETED"
    jobs[1].attempt(EPOCHS)
    assert_same(jobs[1], jobs[0])


def test_a_crashed_job_continues_from_its_last_save(
    tmp_path: Path, uninterrupted: LanguageJob, capsys: pytest.CaptureFixture[str]
) -> None:
    def crash() -> None:
        raise MemoryError

    job = LanguageJob(tmp_path, options={"checkpoint_every_seconds": 1e-9})
    with pytest.raises(MemoryError):
        job.attempt(EPOCHS, at_step(6, crash))
    job.attempt(EPOCHS)
    assert "Training continues after step" in capsys.readouterr().out
    assert_same(job, uninterrupted)


def test_a_damaged_state_starts_from_the_beginning(
    tmp_path: Path, uninterrupted: LanguageJob, capsys: pytest.CaptureFixture[str]
) -> None:
    job = LanguageJob(tmp_path)
    job.attempt(EPOCHS, at_step(5, stop))
    state = state_path(job.home.checkpoint(job.job_id))
    state.write_bytes(state.read_bytes()[:-1] + b"x")
    job.attempt(EPOCHS)
    assert "the checksum does not match. Training starts from the beginning." in capsys.readouterr().out
    assert_same(job, uninterrupted)


def test_a_changed_dataset_or_model_is_an_error(tmp_path: Path, uninterrupted: LanguageJob) -> None:
    job = LanguageJob(tmp_path, options={"model": "base"})
    base = job.home.path / "models/base"
    shutil.copytree(uninterrupted.outputs / "model", base)
    job.attempt(EPOCHS, at_step(5, stop))
    text = job.data.read_text()
    job.data.write_text(text + "One more.\n")
    with pytest.raises(InvalidDatasetError, match=r"story\.txt: the dataset has changed"):
        job.attempt(EPOCHS)
    job.data.write_text(text)
    (base / "config.json").write_text((base / "config.json").read_text() + " ")
    with pytest.raises(UnusableModelError, match="The model 'base' has changed since the job started"):
        job.attempt(EPOCHS)


def test_progress_continues_from_the_stop(tmp_path: Path) -> None:
    job = LanguageJob(tmp_path)
    seen: list[dict[str, Any]] = []

    class Watched(Reporter):
        def begin(self, *arguments: Any, **numbers: Any) -> None:
            super().begin(*arguments, **numbers)
            seen.append(job.status())

    before = job.attempt(EPOCHS, at_step(6, stop))
    job.attempt(EPOCHS, Watched)
    for name in ("step", "epoch", "loss", "metrics", "total_steps", "progress"):
        assert seen[0][name] == before[name], name
