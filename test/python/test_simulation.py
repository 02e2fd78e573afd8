"""A simulation behaves like a training and is always marked as a simulation."""

from __future__ import annotations

import gzip
import signal
import sys
from pathlib import Path

import pytest
from job_under_test import JobUnderTest, finish, wait_for

from trainyard.trainers.simulation import count_rows


def test_a_simulation_passes_through_all_steps_of_a_training(job: JobUnderTest) -> None:
    job.spec(epochs=20, batch_size=3)
    finish(job.supervise())
    status = job.status()
    assert (status["step"], status["total_steps"], status["epoch"], status["epochs"]) == (60, 60, 20, 20)
    assert status["simulation"] is True
    assert status["message"] == "Simulation, as requested: no model is trained."
    assert status["checkpoint"] == f"models/{job.job_id}.txt"
    validated = [line for line in job.metrics() if "val_loss" in line["values"]]
    assert [line["step"] for line in validated] == list(range(3, 61, 3))
    losses = [line["values"]["loss"] for line in job.metrics()]
    assert losses[-1] < losses[0] / 2


def test_the_placeholder_is_marked_as_a_placeholder(job: JobUnderTest) -> None:
    finish(job.supervise())
    text = job.home.checkpoint(job.job_id, simulation=True).read_text()
    assert text.startswith("This file is a placeholder, not a trained model.\n")
    assert not job.home.checkpoint(job.job_id).exists()
    models = [path.name for path in (job.home.path / "models").iterdir()]
    assert sorted(models) == [f"{job.job_id}.state.json", f"{job.job_id}.txt"]


def test_the_same_seed_gives_the_same_numbers(job: JobUnderTest) -> None:
    values: list[list[object]] = []
    for attempt, seed in enumerate((7, 7, 8), start=1):
        job.spec(seed=seed)
        job.home.checkpoint(job.job_id).with_suffix(".state.json").unlink(missing_ok=True)  # each starts at step 1
        finish(job.supervise(attempt))
        values.append([line["values"] for line in job.metrics() if line["attempt"] == attempt])
    assert values[0] == values[1] != values[2]


def test_a_stop_leaves_a_placeholder(job: JobUnderTest) -> None:  # scenario 2
    job.spec(epochs=100_000)
    supervisor = job.supervise(TRAINYARD_SIMULATION_STEP_SECONDS="0.005")
    wait_for(lambda: job.status().get("status") == "RUNNING", "RUNNING")
    supervisor.send_signal(signal.SIGTERM)
    assert finish(supervisor)[0] == 0
    assert job.statuses()[-1] == "STOPPED"
    assert job.exit()["exit_code"] == 0
    assert job.status()["checkpoint"] == f"models/{job.job_id}.txt"
    assert job.home.checkpoint(job.job_id, simulation=True).exists()


def test_without_pytorch_auto_simulates_and_says_so(job: JobUnderTest) -> None:
    job.spec(backend="AUTO")
    finish(bare_python(job))
    assert (
        job.status()["message"]
        == f"Simulation, because PyTorch is not installed for {sys.executable}: no model is trained."
    )
    assert (job.status()["status"], job.status()["simulation"]) == ("COMPLETED", True)


def test_without_pytorch_torch_is_an_error(job: JobUnderTest) -> None:
    job.spec(backend="TORCH")
    assert finish(bare_python(job))[0] == 1
    error = job.status()["error"]
    assert error["reason"] == "TRAINER_ERROR"
    assert "PyTorch is not installed" in error["message"]
    assert "AUTO or SIMULATION" in error["message"]


def test_a_job_trained_with_pytorch_does_not_continue_as_a_simulation(job: JobUnderTest) -> None:
    model = job.home.checkpoint(job.job_id)
    model.parent.mkdir()
    model.write_bytes(b"a model")
    job.spec(backend="AUTO")
    assert finish(bare_python(job))[0] == 1
    assert job.status()["error"]["message"] == (
        f"TrainerUnavailableError: PyTorch is not installed for {sys.executable}; "
        "earlier attempts used it. Install it and resume the job."
    )


def test_a_broken_pytorch_installation_counts_as_missing(job: JobUnderTest, tmp_path: Path) -> None:
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch/__init__.py").write_text("raise OSError('libtorch.so: file too short')")
    job.spec(backend="AUTO")
    finish(bare_python(job, f"import sys; sys.path.insert(0, {str(tmp_path)!r}); "))
    assert "PyTorch cannot be imported" in job.status()["message"]
    assert "libtorch.so: file too short" in job.status()["message"]
    assert job.status()["status"] == "COMPLETED"


def bare_python(job: JobUnderTest, first: str = ""):  # type: ignore[no-untyped-def]
    """`python -m trainyard train` in an interpreter without any installed package."""
    start = first + "import sys; from trainyard.train import run; run(*sys.argv[1:])"
    command = [sys.executable, "-S", "-c", start, str(job.home.path), job.job_id]
    return job.start(command, TRAINYARD_SIMULATION_STEP_SECONDS="0")


@pytest.mark.parametrize(
    ("dataset", "part"),
    [
        ("missing.csv", "Dataset 'missing.csv' not found"),
        ("../secret.csv", "is outside"),
        ("/etc/passwd", "is outside"),
        ("link.csv", "is outside"),
        (".", "is not a file"),
        ("a\0b", "is not a file name"),
    ],
)
def test_a_missing_or_outside_dataset_is_invalid(job: JobUnderTest, dataset: str, part: str) -> None:
    (job.home.path / "secret.csv").write_text("x,y\n1,2\n")
    (job.home.datasets / "link.csv").symlink_to(job.home.path / "secret.csv")
    job.spec(dataset=dataset)
    finish(job.supervise())
    assert job.exit()["exit_code"] == 1
    assert job.status()["error"]["reason"] == "INVALID_DATASET"
    assert part in job.status()["error"]["message"]


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"trainer": "nothing"}, "Unknown trainer 'nothing': use one of tabular"),
        ({"backend": "GPU"}, "'backend' must be one of"),
        ({"epochs": 0}, "must be at least 1"),
        ({"epochs": "ten"}, "'epochs' must be a whole number"),
        ({"seed": True}, "'seed' must be a whole number"),
        ({"job_id": "job_2_bbbbbbbb"}, "belongs to job 'job_2_bbbbbbbb'"),
    ],
)
def test_an_invalid_spec_is_an_error(job: JobUnderTest, changes: dict[str, object], part: str) -> None:
    job.spec(**changes)
    finish(job.supervise())
    assert job.status()["status"] == "ERROR"
    assert part in job.status()["error"]["message"]


def test_a_wrong_step_time_is_explained(job: JobUnderTest) -> None:
    finish(job.supervise(TRAINYARD_SIMULATION_STEP_SECONDS="fast"))
    assert "TRAINYARD_SIMULATION_STEP_SECONDS is 'fast'" in job.status()["error"]["message"]


@pytest.mark.parametrize(
    "at_exit",
    [
        "atexit.register(os.kill, os.getpid(), 15)",
        # Later still: C libraries run their exit handlers after Python has removed its signal handlers.
        "c = ctypes.CDLL(None); c.__cxa_atexit(getattr(c, 'raise'), ctypes.c_void_p(15), None)",
    ],
)
def test_a_late_signal_does_not_change_a_completed_job(job: JobUnderTest, at_exit: str) -> None:
    start = f"import atexit, ctypes, os, sys; from trainyard.train import run; {at_exit}; run(*sys.argv[1:])"
    command = [sys.executable, "-c", start, str(job.home.path), job.job_id]
    finish(job.supervise_command(command, TRAINYARD_SIMULATION_STEP_SECONDS="0"))
    assert (job.exit()["exit_code"], job.status()["status"]) == (0, "COMPLETED")


def test_rows_are_counted_without_the_header(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x,y\n1,2\n3,4\n")
    (tmp_path / "a.jsonl").write_text("{}\n{}\n{}\n")
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"x,y\n1,2\n3,4\n5,6\n"))
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "broken.csv.gz").write_text("not gzip")
    names = ["a.csv", "a.jsonl", "a.csv.gz", "empty.csv", "broken.csv.gz", "missing.csv"]
    assert [count_rows(tmp_path / name) for name in names] == [2, 3, 3, 1000, 1000, 1000]
