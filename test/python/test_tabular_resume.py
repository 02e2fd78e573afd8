"""An interrupted training continues with exactly the same numbers as an uninterrupted one, on the CPU."""

from __future__ import annotations

import math
import multiprocessing
import random
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from interruptions import at_step, stop
from job_under_test import JobUnderTest, wait_for

torch = pytest.importorskip("torch", reason="PyTorch is not installed: nothing can be trained")

from trained_job import attempt, people

from trainyard.data import InvalidDatasetError
from trainyard.reporter import Reporter
from trainyard.trainers.tabular.checkpoint import load_checkpoint
from trainyard.trainers.tabular.training_state import read_state, state_path, write_state

EPOCHS = 16  # of 10 steps each: 158 training rows, 16 at a time
# Saves happen only where a test enables them.
OPTIONS = {
    "device": "cpu",
    "hidden": [16],
    "dropout": 0.3,
    "patience": 0,
    "log_every": 0,
    "checkpoint_every_seconds": 0,
}
BATCH = {"batch_size": 16, "seed": 3}
EVERY_EPOCH = {"checkpoint_every_epochs": 1}

History = dict[tuple[int, str], float]


class Run:
    """A job with one table, trained in one attempt or several."""

    def __init__(self, path: Path, **options: Any) -> None:
        self.job = JobUnderTest(path)
        self.options = {**OPTIONS, **options}
        self.data = self.job.dataset("people.csv", people(200, "income").replace(",1,?", ",1,1"))
        self.number = 0

    def attempt(self, epochs: int = EPOCHS, reporter: Callable[..., Reporter] = Reporter) -> None:
        self.number += 1
        attempt(self.job, self.number, self.data, self.options, epochs, reporter, **BATCH)

    @property
    def state(self) -> Path:
        return state_path(self.job.home.checkpoint(self.job.job_id))

    def first_step(self) -> int:
        """The first step of the latest attempt."""
        return min(line["step"] for line in self.job.metrics() if line["attempt"] == self.number)

    def assert_same(self, reference: Run) -> None:
        """Assert that the metrics and the model equal those of the reference."""
        history, wanted = self.job.history(), reference.job.history()
        assert history == {place: wanted[place] for place in history}
        due = {place for place in wanted if place[0] % 5 == 0}
        assert due <= set(history)
        for name, tensor in load_checkpoint(self.checkpoint)[1].state_dict().items():
            assert torch.equal(tensor, load_checkpoint(reference.checkpoint)[1].state_dict()[name]), name

    @property
    def checkpoint(self) -> Path:
        return self.job.home.checkpoint(self.job.job_id)


def run_out_of_memory() -> None:
    raise MemoryError


def every_step(*arguments: Any) -> Reporter:
    return Reporter(*arguments, every=1)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    run = Run(tmp_path / "run")
    yield run
    run.job.end_processes()


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> Run:
    reference = Run(tmp_path_factory.mktemp("uninterrupted"))
    reference.attempt(reporter=every_step)
    # The interruptions below are both before and after the learning rate was lowered.
    state = read_state(reference.state)
    assert state and state["learner"]["scheduler"]["factor"] < 1
    return reference


@pytest.mark.parametrize("step", [1, 33, 40, 99, 158])
def test_a_job_stopped_within_an_epoch_continues_with_the_next_batch(run: Run, uninterrupted: Run, step: int) -> None:
    run.attempt(reporter=at_step(step, stop))
    assert run.job.status()["status"] == "STOPPED"
    stopped_at = run.job.status()["step"]
    assert stopped_at == step + 1  # the step after the signal is the one that saves
    run.attempt()
    assert run.first_step() == stopped_at + 1
    assert run.job.status()["status"] == "COMPLETED"
    run.assert_same(uninterrupted)


def test_progress_continues_from_the_stop(run: Run) -> None:
    seen: list[dict[str, Any]] = []

    class Watched(Reporter):
        def begin(self, *arguments: Any, **numbers: Any) -> None:
            super().begin(*arguments, **numbers)
            seen.append(run.job.status())

    run.attempt(reporter=at_step(33, stop))
    before = run.job.status()
    run.attempt(reporter=Watched)
    for name in ("step", "epoch", "loss", "metrics", "total_steps", "progress"):
        assert seen[0][name] == before[name], name
    assert seen[0]["status"] == "RUNNING"


def test_a_stop_and_a_crash_do_not_change_the_numbers(run: Run, uninterrupted: Run) -> None:
    run.options.update(EVERY_EPOCH)
    run.attempt(reporter=at_step(47, stop))
    with pytest.raises(MemoryError):
        run.attempt(reporter=at_step(85, run_out_of_memory))
    assert run.job.status()["error"]["reason"] == "OUT_OF_MEMORY"
    run.attempt(reporter=at_step(86, stop))
    assert run.first_step() == 81  # saved at the end of the epoch before
    run.attempt()
    run.assert_same(uninterrupted)


def test_additional_epochs_give_the_same_numbers_as_one_long_run(run: Run, uninterrupted: Run) -> None:
    run.attempt(epochs=3)
    assert run.job.status()["status"] == "COMPLETED"
    run.attempt(epochs=7)
    run.attempt()
    status = run.job.status()
    assert (status["step"], status["epoch"], status["epochs"]) == (160, EPOCHS, EPOCHS)
    run.assert_same(uninterrupted)


@pytest.mark.parametrize(
    "options",
    [
        {"optimizer": "sgd"},
        {"optimizer": "adam", "hidden": [], "target": "member"},
        {"hidden": [8, 8], "target": "city", "weight_decay": 0.1},
    ],
)
def test_all_optimizers_and_tasks_can_resume(tmp_path: Path, options: dict[str, Any]) -> None:
    reference, run = Run(tmp_path / "reference", **options), Run(tmp_path / "run", **options)
    reference.attempt(epochs=6, reporter=every_step)
    run.attempt(epochs=6, reporter=at_step(24, stop))
    run.attempt(epochs=6)
    run.assert_same(reference)


@pytest.mark.parametrize("step", [5, 55])
def test_early_stopping_happens_at_the_same_epoch(tmp_path: Path, step: int) -> None:
    options = {"patience": 5, "hidden": [64], "dropout": 0.0}
    reference, run = Run(tmp_path / "reference", **options), Run(tmp_path / "run", **options)
    reference.attempt(epochs=200, reporter=every_step)
    ended = reference.job.status()
    assert 60 < ended["step"] < 1000
    run.attempt(epochs=200, reporter=at_step(step, stop))
    run.attempt(epochs=200)
    run.assert_same(reference)
    assert run.job.status()["message"] == ended["message"]


def test_a_job_that_ended_early_trains_longer_when_it_is_resumed(tmp_path: Path) -> None:
    run = Run(tmp_path, patience=3, hidden=[64], dropout=0.0)
    run.attempt(epochs=200, reporter=every_step)
    ended = run.job.status()
    assert ended["epoch"] < 200 and "Stopped early" in ended["message"]
    # The same total of epochs, and a larger one: each has its patience, of at least three epochs.
    for total in (200, 400):
        run.attempt(epochs=total, reporter=every_step)
        status = run.job.status()
        assert status["status"] == "COMPLETED" and status["progress"] == 100
        assert status["epoch"] >= ended["epoch"] + 3
        ended = status


def test_a_kill_after_a_resume_does_not_change_where_early_stopping_ends(tmp_path: Path) -> None:
    options = {"patience": 3, "hidden": [64], "dropout": 0.0}
    reference, run = Run(tmp_path / "reference", **options), Run(tmp_path / "run", **options)
    for each in (reference, run):
        each.attempt(epochs=200, reporter=every_step)
    first = run.job.status()
    reference.attempt(epochs=400, reporter=every_step)
    run.attempt(epochs=400, reporter=at_step(first["step"] + 5, stop))
    run.attempt(epochs=400)
    assert run.job.status()["step"] == reference.job.status()["step"] > first["step"]


# -- SIGKILL, in separate processes


def run_attempt(run: Run) -> None:
    run.attempt()


@pytest.mark.parametrize("seed", range(4))
def test_kills_at_random_moments_do_not_change_the_numbers(run: Run, uninterrupted: Run, seed: int) -> None:
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["pytest", "trainyard.trainers.tabular.attempt"])  # PyTorch is slow to import
    # Save at the end of epochs, or by time within epochs.
    run.options.update(EVERY_EPOCH if seed % 2 else {"checkpoint_every_seconds": 0.001})
    chance = random.Random(seed)
    codes: list[int | None] = []
    for reports in [*(chance.randint(1, 11) for _ in range(3)), None]:
        process = processes.Process(target=run_attempt, args=(run,))
        wanted = math.inf if reports is None else reported(run) + reports  # an uninterrupted run has 33
        process.start()
        wait_for(lambda: reported(run) >= wanted or not process.is_alive(), "the moment to kill")  # noqa: B023
        process.kill()
        process.join()
        codes.append(process.exitcode)
        run.number += 1
    assert -signal.SIGKILL in codes and codes[-1] == 0
    assert run.job.status()["status"] == "COMPLETED"
    run.assert_same(uninterrupted)


def reported(run: Run) -> int:
    metrics = run.job.home.metrics(run.job.job_id)
    return metrics.read_bytes().count(b"\n") if metrics.exists() else 0


# -- states that cannot be used


def test_a_changed_dataset_is_invalid(run: Run) -> None:
    run.attempt(reporter=at_step(20, stop))
    with run.data.open("a") as file:
        file.write("999,person 999,33,Rome,True,2025-01-01,1,20.0\n")
    with pytest.raises(InvalidDatasetError, match=r"people.csv: the dataset has changed.*start a new job"):
        run.attempt()
    assert run.job.status()["error"]["reason"] == "INVALID_DATASET"
    saved = read_state(run.state)
    assert saved and saved["batches_done"] == 1  # the state is kept: with the original file, the job can resume


@pytest.mark.parametrize("part", [0.0, 0.3, 0.9, 1.0])
def test_a_damaged_state_is_logged_and_training_starts_from_the_beginning(
    run: Run, uninterrupted: Run, part: float, capsys: pytest.CaptureFixture[str]
) -> None:
    run.attempt(reporter=at_step(20, stop))
    data = bytearray(run.state.read_bytes())
    data[int(part * (len(data) - 1))] ^= 1
    run.state.write_bytes(data)
    run.attempt()
    reason = "the checksum does not match. Training starts from the beginning."
    assert f"Cannot use the training state {run.state.name}: {reason}" in output(capsys)
    assert run.first_step() == 1
    run.assert_same(uninterrupted)


def test_a_state_of_another_network_is_not_used(
    run: Run, uninterrupted: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    run.attempt(reporter=at_step(20, stop))
    state = read_state(run.state)
    assert state is not None
    state["learner"]["scheduler"], state["learner"]["optimizer"] = state["learner"]["optimizer"], {}
    write_state(run.state, run.job.home.staging, state)
    run.attempt()
    assert f"Cannot use the training state {run.state.name}" in output(capsys)
    run.assert_same(uninterrupted)


def test_without_a_state_training_starts_from_the_beginning(
    run: Run, uninterrupted: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    run.attempt(reporter=at_step(20, stop))
    run.state.unlink()
    run.attempt()
    assert "No training state of an earlier attempt found" in output(capsys)
    run.assert_same(uninterrupted)


def output(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out


# -- saving


def test_a_crashed_attempt_leaves_a_model(run: Run) -> None:
    run.options.update(EVERY_EPOCH)
    with pytest.raises(MemoryError):
        run.attempt(reporter=at_step(35, run_out_of_memory))
    assert run.job.status()["checkpoint"] == f"models/{run.job.job_id}.pt"
    assert torch.load(run.checkpoint, weights_only=True)["training"]["epoch"] <= 3
    assert not any(run.job.home.staging.iterdir())


def test_a_failed_save_is_logged_once_and_does_not_end_the_training(
    run: Run, uninterrupted: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    run.options.update(EVERY_EPOCH)
    (run.state / "in the way").mkdir(parents=True)

    def make_room() -> None:
        (run.state / "in the way").rmdir()
        run.state.rmdir()

    run.attempt(reporter=at_step(50, make_room))
    assert output(capsys).count("Cannot save the training state") == 1
    assert run.job.status()["status"] == "COMPLETED"
    run.assert_same(uninterrupted)
