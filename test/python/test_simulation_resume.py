"""An interrupted simulation continues with the same numbers as an uninterrupted one."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest
from job_under_test import JobUnderTest, finish, wait_for

EPOCHS = 60
STEPS = 2 * EPOCHS


def start_attempt(job: JobUnderTest, attempt: int = 1, epochs: int = EPOCHS) -> None:
    """Start an attempt whose steps are slow enough to be interrupted in the middle."""
    job.spec(epochs=EPOCHS)
    job.queue(attempt, epochs)
    job.supervisor = job.supervise(attempt, TRAINYARD_SIMULATION_STEP_SECONDS="0.01")


def state_of(job: JobUnderTest) -> Path:
    return job.home.checkpoint(job.job_id, simulation=True).with_suffix(".state.json")


def interrupt(job: JobUnderTest, number: signal.Signals, after_step: int) -> None:
    wait_for(lambda: job.status().get("step", 0) >= after_step, f"step {after_step}")
    os.kill(job.status()["pid"], number)
    finish(job.supervisor)


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[int, str], float]:
    """The metrics of an uninterrupted run of all epochs."""
    job = JobUnderTest(tmp_path_factory.mktemp("uninterrupted"))
    job.spec(epochs=EPOCHS)
    finish(job.supervise())
    return job.history()


def test_a_stopped_simulation_continues_with_the_next_step(
    job: JobUnderTest, uninterrupted: dict[tuple[int, str], float]
) -> None:
    start_attempt(job)
    interrupt(job, signal.SIGTERM, after_step=30)
    assert job.statuses()[-1] == "STOPPED"
    stopped_at = job.status()["step"]
    start_attempt(job, attempt=2)
    finish(job.supervisor)
    assert (job.statuses()[-1], job.status()["step"]) == ("COMPLETED", STEPS)
    assert min(line["step"] for line in job.metrics() if line["attempt"] == 2) == stopped_at + 1
    compare(job, uninterrupted)


def test_a_killed_simulation_continues_after_its_last_saved_step(
    job: JobUnderTest, uninterrupted: dict[tuple[int, str], float]
) -> None:
    start_attempt(job)
    wait_for(lambda: state_of(job).exists(), "the first save")
    interrupt(job, signal.SIGKILL, after_step=60)
    saved = json.loads(state_of(job).read_text())["steps"]
    start_attempt(job, attempt=2)
    finish(job.supervisor)
    assert min(line["step"] for line in job.metrics() if line["attempt"] == 2) == saved + 1 > 2
    assert job.status()["step"] == STEPS
    compare(job, uninterrupted)


def test_additional_epochs_give_the_same_numbers_as_one_long_run(
    job: JobUnderTest, uninterrupted: dict[tuple[int, str], float]
) -> None:
    job.spec(epochs=5)
    finish(job.supervise())
    job.queue(2, EPOCHS)
    finish(job.supervise(2))
    assert (job.status()["epoch"], job.status()["epochs"], job.status()["progress"]) == (EPOCHS, EPOCHS, 100)
    compare(job, uninterrupted)


@pytest.mark.parametrize("damaged", ["", "{}", '{"steps": 100', "[1]"])
def test_a_damaged_state_is_logged_and_the_simulation_restarts(job: JobUnderTest, damaged: str) -> None:
    finish(job.supervise())
    text = state_of(job).read_text()
    state_of(job).write_text(damaged or text.replace('"steps":6', '"steps":5'))
    job.queue(2, epochs=3)
    finish(job.supervise(2))
    expected = f"The simulation restarts from the first step: {state_of(job).name} is damaged."
    assert expected in [text for _, text in job.log()]
    assert next(line["step"] for line in job.metrics() if line["attempt"] == 2) == 1


def test_a_changed_dataset_is_invalid(job: JobUnderTest) -> None:
    finish(job.supervise())
    job.dataset("sample.csv", "x,y\n" + "1,2\n" * 50)
    job.queue(2, epochs=6)
    finish(job.supervise(2))
    assert job.status()["error"]["reason"] == "INVALID_DATASET"
    assert "has changed since the job started" in job.status()["error"]["message"]


def compare(job: JobUnderTest, uninterrupted: dict[tuple[int, str], float]) -> None:
    """Assert that the job reported every number of the uninterrupted run."""
    history = job.history()
    assert {place: history.get(place) for place in uninterrupted} == uninterrupted
