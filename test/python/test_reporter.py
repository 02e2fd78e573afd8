"""The reporter writes the progress of a script to the status and metrics files."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from job_under_test import JobUnderTest, finish, wait_for

from trainyard import Reporter
from trainyard.identity import identity_of, own_identity


def test_a_script_passes_from_loading_to_running_to_completed(job: JobUnderTest) -> None:
    code, _ = finish(
        job.script("""
        with report:
            report.begin(total_steps=10, epochs=2, device="cpu", message="Training on cpu")
            for step in range(1, 11):
                report.step(step=step, epoch=1 + step // 6, loss=1 / step, samples=32)
        """)
    )
    status = job.status()
    assert code == 0
    assert job.statuses() == ["LOADING", "RUNNING", "COMPLETED"]
    assert status["progress"] == 100
    assert (status["step"], status["total_steps"], status["epoch"], status["epochs"]) == (10, 10, 2, 2)
    assert (status["loss"], status["metrics"]) == (0.1, {"loss": 0.1})
    assert (status["device"], status["message"], status["error"]) == ("cpu", "Training on cpu", None)
    assert status["created_at"] <= status["started_at"] <= status["finished_at"] <= status["updated_at"]
    assert list(job.home.staging.iterdir()) == []


def test_a_reporter_continues_the_status_of_the_supervisor(job: JobUnderTest) -> None:
    job.write_status(
        status="STARTING", created_at=5.5, sequence=7, supervisor=own_identity(),
        transitions=[{"status": "QUEUED", "at": 5.5}, {"status": "STARTING", "at": 6.5}],
    )  # fmt: skip
    script = job.script("""
        with report:
            sys.stdin.readline()
        """)
    status = wait_for(lambda: job.status()["status"] == "LOADING" and job.status(), "LOADING")
    assert (status["sequence"], status["created_at"]) == (8, 5.5)
    assert status["supervisor"] == own_identity()
    assert status["process"] == identity_of(script.pid)
    assert (status["pid"], status["host"]) == (script.pid, os.uname().nodename)
    assert job.statuses() == ["QUEUED", "STARTING", "LOADING"]


def test_metrics_of_any_name_are_added_to_the_current_step(job: JobUnderTest) -> None:
    with Reporter(job.home, job.job_id) as report:
        report.step(step=7, epoch=2, loss=0.5)
        report.log({"step": 1, "val/ü": 0.25})
        report.log({"lr": 0.1}, step=9, epoch=3)
    assert [(line["step"], line["epoch"], line["values"]) for line in job.metrics()] == [
        (7, 2, {"loss": 0.5}),
        (7, 2, {"step": 1.0, "val/ü": 0.25}),
        (9, 3, {"lr": 0.1}),
    ]


def test_a_script_continues_from_an_earlier_attempt(job: JobUnderTest) -> None:
    with Reporter(job.home, job.job_id) as report:
        report.begin(total_steps=4, epochs=2)
        for step in range(1, 5):
            report.step(step=step, epoch=1 + step // 3, loss=1 / step)
    assert (report.attempt, report.planned_epochs) == (1, None)
    job.queue(attempt=2, epochs=4)
    with Reporter(job.home, job.job_id, attempt=2) as report:
        assert (report.attempt, report.planned_epochs) == (2, 4)
        report.resume(step=4, epoch=2, loss=0.25, val_loss=0.5)
        report.begin(total_steps=8, epochs=4)
        status = job.status()
        assert (status["step"], status["epoch"], status["progress"]) == (4, 2, 50)
        assert (status["loss"], status["metrics"]) == (0.25, {"loss": 0.25, "val_loss": 0.5})
        for step in range(5, 9):
            report.step(step=step, epoch=1 + step // 3, loss=1 / step)
        assert report.planned_epochs == 4
    assert [(line["attempt"], line["step"]) for line in job.metrics()] == [(1, 1), (1, 4), (2, 5), (2, 8)]
    assert job.status()["metrics"] == {"loss": 0.125, "val_loss": 0.5}


@pytest.mark.parametrize("epochs", [None, 0, -1, 2.5, "ten", True])
def test_invalid_planned_epochs_are_none(job: JobUnderTest, epochs: Any) -> None:
    job.queue(attempt=2, epochs=epochs)
    with Reporter(job.home, job.job_id, attempt=2) as report:
        assert report.planned_epochs is None


def test_a_new_attempt_continues_the_sequence_and_has_its_own_transitions(job: JobUnderTest) -> None:
    job.write_status(
        status="ERROR", created_at=5.5, sequence=70, transitions=[{"status": "ERROR", "at": 6.5}], step=900,
        error={"reason": "TRAINER_ERROR", "message": "", "traceback": None},
    )  # fmt: skip
    with Reporter(job.home, job.job_id, attempt=2):
        status = job.status()
    assert (status["attempt"], status["sequence"], status["created_at"], status["step"]) == (2, 71, 5.5, 0)
    assert job.statuses() == ["LOADING", "COMPLETED"]
    assert job.status()["error"] is None


def test_a_damaged_status_file_does_not_prevent_a_start(job: JobUnderTest) -> None:
    job.write_status(status="STARTING", sequence="seven", transitions=None, metrics=[1], created_at=None)
    with Reporter(job.home, job.job_id) as report:
        report.step(step=1, loss=0.5)
    assert job.statuses() == ["LOADING", "RUNNING", "COMPLETED"]
    assert job.status()["metrics"] == {"loss": 0.5}


def test_an_ended_attempt_cannot_report_again(job: JobUnderTest) -> None:
    with Reporter(job.home, job.job_id):
        pass
    with pytest.raises(RuntimeError, match="already ended as COMPLETED"), Reporter(job.home, job.job_id):
        pass


def test_the_first_the_last_every_fifth_step_and_steps_with_metrics_are_reported(job: JobUnderTest) -> None:
    with Reporter(job.home, job.job_id) as report:
        report.begin(total_steps=13)
        for step in range(1, 14):
            if step == 7:
                report.step(step=step, epoch=1, loss=step, val_loss=2.0)
            else:
                report.step(step=step, epoch=1, loss=step)
    assert [line["step"] for line in job.metrics()] == [1, 5, 7, 10, 13]
    assert job.metrics()[2] == {
        "attempt": 1, "at": job.metrics()[2]["at"], "step": 7, "epoch": 1, "values": {"loss": 7.0, "val_loss": 2.0},
    }  # fmt: skip
    assert job.status()["metrics"] == {"loss": 13.0, "val_loss": 2.0}


def test_the_last_step_is_reported_without_a_known_total(job: JobUnderTest) -> None:
    with Reporter(job.home, job.job_id) as report:
        for step in range(1, 9):
            report.step(step=step, loss=step / 10)
    assert [line["step"] for line in job.metrics()] == [1, 5, 8]
    assert (job.status()["step"], job.status()["loss"]) == (8, 0.8)


def test_the_last_report_of_a_burst_is_written_while_the_script_computes(job: JobUnderTest) -> None:
    job.script("""
        with report:
            report.begin(total_steps=1000)
            for step in range(1, 123):
                report.step(step=step, loss=step)
            sys.stdin.readline()
        """)
    status = wait_for(lambda: job.status().get("step", 0) == 122 and job.status(), "the last report of the burst")
    assert (status["status"], status["loss"]) == ("RUNNING", 120.0)


def test_the_status_file_is_written_at_most_ten_times_per_second(job: JobUnderTest) -> None:
    finish(
        job.script("""
        with report:
            report.begin()
            end = time.monotonic() + 1.5
            step = 0
            while time.monotonic() < end:
                step += 1
                report.step(step=step, loss=0.5, val_loss=0.5)
        """)
    )
    status = job.status()
    started = next(change["at"] for change in status["transitions"] if change["status"] == "RUNNING")
    elapsed = status["finished_at"] - started
    changes_of_status = len(status["transitions"])
    assert len(job.metrics()) == status["step"]
    assert status["step"] > 10 * status["sequence"]
    assert elapsed * 2 < status["sequence"] <= elapsed * 10 + changes_of_status + 1


def test_nan_and_both_infinities_are_distinct_texts(job: JobUnderTest) -> None:
    with Reporter(job.home, job.job_id) as report:
        report.step(step=1, loss=float("nan"), val_loss=float("-inf"), grad=float("inf"), val_r2=1, tiny=5e-324)
    values = {"loss": "NaN", "val_loss": "-Infinity", "grad": "Infinity", "val_r2": 1.0, "tiny": 5e-324}
    assert job.metrics()[0]["values"] == values
    assert (job.status()["loss"], job.status()["metrics"]) == ("NaN", values)


def test_a_new_process_continues_a_status_with_nan(job: JobUnderTest) -> None:
    with Reporter(job.home, job.job_id) as report:
        report.step(step=1, loss=float("nan"), val_loss=float("inf"))
    job.write_status(**{**job.status(), "status": "RUNNING"})
    with Reporter(job.home, job.job_id) as report:
        report.step(step=2, loss=0.5)
    assert job.status()["metrics"] == {"loss": 0.5, "val_loss": "Infinity"}


class Scalar:
    """Like a loss on a GPU: reading it synchronizes."""

    def __init__(self) -> None:
        self.read = 0

    def __float__(self) -> float:
        self.read += 1
        return 0.25


def test_a_loss_is_read_only_when_it_is_reported(job: JobUnderTest) -> None:
    reported, deferred = Scalar(), Scalar()
    with Reporter(job.home, job.job_id) as report:
        report.step(step=1, loss=reported)
        report.step(step=2, loss=deferred)
        report.step(step=5, loss=0.5)
    assert (reported.read, deferred.read) == (1, 0)
    assert job.metrics()[0]["values"] == {"loss": 0.25}


@pytest.mark.parametrize("value", ["0.5", [1, 2], {}, object()])
def test_a_metric_that_is_not_a_number_is_rejected(job: JobUnderTest, value: object) -> None:
    with (
        pytest.raises(TypeError, match=r"step\(accuracy=...\) must be a single number"),
        Reporter(job.home, job.job_id) as report,
    ):
        report.step(step=1, accuracy=value)
    assert job.status()["status"] == "ERROR"


def test_a_metric_without_a_value_is_ignored_with_one_warning(
    job: JobUnderTest, capsys: pytest.CaptureFixture[str]
) -> None:
    with Reporter(job.home, job.job_id) as report:
        for step in range(1, 8):
            report.step(step=step, loss=None, f1=None, auc=0.5 if step == 7 else None)
        report.log({"bleu": None, "f1": None})
        report.resume(step=7, f1=None)
    assert [(line["step"], line["values"]) for line in job.metrics()] == [(1, {}), (5, {}), (7, {"auc": 0.5})]
    assert capsys.readouterr().err.splitlines() == [
        f"trainyard: the metric '{name}' is None and is ignored: report it when it has a value."
        for name in ("f1", "auc", "bleu")
    ]


def test_a_goal_is_recorded_in_the_status(job: JobUnderTest) -> None:
    report = Reporter(job.home, job.job_id)
    report.define_metric("dice_loss", goal="max")
    with report:
        report.define_metric("eval/*", goal="min")
        report.define_metric("dice_loss", "min")
    assert job.status()["goals"] == {"dice_loss": "min", "eval/*": "min"}
    wrong: Any = "maximum"
    with pytest.raises(ValueError, match="goal must be 'max' or 'min', but is 'maximum'"):
        report.define_metric("x", wrong)


def test_the_number_and_length_of_names_with_a_goal_are_limited(job: JobUnderTest) -> None:
    with Reporter(job.home, job.job_id) as report:
        for n in range(100):
            report.define_metric(f"x{n}", "max")
        report.define_metric("x0", "min")
        with pytest.raises(ValueError, match=r"at most 100 names: use a prefix, such as 'eval/\*'\."):
            report.define_metric("x100", "max")
        with pytest.raises(ValueError, match="longer than 128 characters"):
            report.define_metric("y" * 129, "max")


class Integer:
    """Like a NumPy integer: convertible to int, but not JSON-serializable."""

    def __int__(self) -> int:
        return 4

    def __float__(self) -> float:
        return 4.0


class Device:
    def __str__(self) -> str:
        return "cuda:0"


def test_counts_and_devices_are_converted_to_plain_values(job: JobUnderTest) -> None:
    count: Any = Integer()
    with Reporter(job.home, job.job_id) as report:
        report.begin(total_steps=count, epochs=count, device=Device())
        report.step(step=count, epoch=count, loss=count)
    status = job.status()
    assert (status["step"], status["total_steps"], status["epoch"], status["epochs"]) == (4, 4, 4, 4)
    assert (status["loss"], status["device"]) == (4.0, "cuda:0")


@pytest.mark.parametrize("counts", [{"total_steps": -1}, {"epochs": -1}])
def test_a_negative_count_is_rejected(job: JobUnderTest, counts: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="must not be negative, but is -1"), Reporter(job.home, job.job_id) as report:
        report.begin(**counts)  # type: ignore[arg-type]


def test_steps_that_go_back_are_kept_as_given_with_one_explanation(
    job: JobUnderTest, capsys: pytest.CaptureFixture[str]
) -> None:
    with Reporter(job.home, job.job_id) as report:
        report.begin(total_steps=4)
        for epoch in (1, 2, 3):
            for step in range(1, 5):
                report.step(step=step, epoch=epoch, loss=1.0 / (4 * epoch + step), samples=2)
        report.log({"val_loss": 0.1})
    lines = [(line["step"], line["epoch"]) for line in job.metrics()]
    assert lines == [(1, 1), (4, 1), (4, 2), (4, 3), (4, 3)]
    status = job.status()
    assert (status["step"], status["first_step"], status["extremes"]["loss"]["min"]["step"]) == (4, 1, 4)
    errors = capsys.readouterr().err
    assert errors.count("trainyard:") == 1
    assert "the step went back from 4 to 1. All values are kept" in errors
    assert "Count the steps from the start of the job, not of the epoch" in errors


def test_the_rate_continues_when_steps_go_back(job: JobUnderTest) -> None:
    with Reporter(job.home, job.job_id, interval=0.001) as report:
        for _ in range(6):
            for step in (1, 2, 3):
                report.step(step=step, loss=1.0, other=1.0)
                time.sleep(0.02)
        rate = report._own.record._rates.steps_per_second()  # type: ignore[union-attr]
    assert rate is not None and rate > 5


def test_a_stop_after_steps_went_back_is_not_a_completed_job(job: JobUnderTest) -> None:
    script = job.script("""
        with report:
            report.begin(total_steps=3)
            for step in (1, 2, 3, 1, 2):
                report.step(step=step, loss=0.5)
            sys.stdin.readline()
        """)
    wait_for(lambda: len(job.metrics()) > 1 if job.home.metrics(job.job_id).exists() else False, "reports")
    script.send_signal(signal.SIGTERM)
    wait_for(lambda: job.status()["status"] == "STOPPING", "STOPPING")
    script.communicate("go on\n")
    assert job.status()["status"] == "STOPPED"


def test_begin_can_be_called_again_to_correct_the_totals(job: JobUnderTest) -> None:
    with Reporter(job.home, job.job_id) as report:
        report.begin(total_steps=100, epochs=10)
        report.step(step=50, epoch=5, loss=0.5)
        wait_for(lambda: job.status()["progress"] == 50, "half of it done")
        report.begin(total_steps=50, epochs=5)
        assert job.status()["progress"] == 100
        assert job.statuses() == ["LOADING", "RUNNING"]


def test_progress_depends_on_the_epochs_if_the_total_steps_are_unknown(job: JobUnderTest) -> None:
    with Reporter(job.home, job.job_id) as report:
        report.begin(epochs=4)
        report.step(step=1, epoch=2, loss=0.5)
        wait_for(lambda: job.status()["step"] == 1, "the first step")
        assert (job.status()["progress"], job.status()["eta_seconds"]) == (25, None)


def test_a_checkpoint_path_is_relative_to_the_home_folder(job: JobUnderTest) -> None:
    model = job.home.checkpoint(job.job_id)
    with Reporter(job.home, job.job_id) as report:
        with pytest.raises(FileNotFoundError, match="after it is written"):
            report.checkpoint(model)
        with pytest.raises(ValueError, match="is outside"):
            report.checkpoint("../elsewhere.pt")
        model.parent.mkdir()
        model.write_text("weights")
        report.checkpoint(model)
    assert job.status()["checkpoint"] == f"models/{job.job_id}.pt"


def test_a_checkpoint_can_be_a_folder(job: JobUnderTest) -> None:
    folder = job.home.path / "artifacts/outputs" / job.job_id / "checkpoint-5"
    with Reporter(job.home, job.job_id) as report:
        with pytest.raises(FileNotFoundError, match="after it is written"):
            report.checkpoint(folder)
        folder.mkdir(parents=True)
        report.checkpoint(folder)
    assert job.status()["checkpoint"] == f"artifacts/outputs/{job.job_id}/checkpoint-5"


def test_an_incomplete_line_of_a_killed_process_is_ended_before_the_next(job: JobUnderTest) -> None:
    job.home.metrics(job.job_id).parent.mkdir(parents=True)
    job.home.metrics(job.job_id).write_text('{"attempt":1,"st')
    with Reporter(job.home, job.job_id, attempt=2) as report:
        report.step(step=1, loss=0.5)
    torn, whole = job.home.metrics(job.job_id).read_text().splitlines()
    assert torn == '{"attempt":1,"st'
    assert whole.startswith('{"attempt":2')


def test_outside_trainyard_a_reporter_writes_nothing_and_handles_no_signals(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    handler = signal.getsignal(signal.SIGINT)
    with Reporter.from_environment({}) as report:
        report.begin(total_steps=2)
        report.on_stop(lambda: None)
        report.step(step=1, loss=0.5, val_loss="not even a number")
        report.message("hello")
        report.checkpoint("nowhere.pt")
        assert not report.should_stop
        assert signal.getsignal(signal.SIGINT) == handler
    assert list(tmp_path.iterdir()) == []


def test_leaving_the_block_restores_signals_files_and_threads(job: JobUnderTest) -> None:
    def resources() -> tuple[object, ...]:
        return (
            signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT),
            set(os.listdir("/dev/fd")), set(threading.enumerate()),
        )  # fmt: skip

    before = resources()
    for attempt in range(1, 4):
        with Reporter(job.home, job.job_id, attempt) as report:
            report.step(step=1, loss=0.5)
            assert resources() != before
        assert resources() == before


def test_the_extremes_of_all_reports_are_kept_without_nan_and_infinity(job: JobUnderTest) -> None:
    losses = [0.5, 0.2, float("nan"), 0.9, float("inf"), 0.4]
    with Reporter(job.home, job.job_id, every=1, interval=60) as report:
        for step, loss in enumerate(losses, 11):
            report.step(step=step, loss=loss)
        report.step(step=17, loss=0.3, val_accuracy=1)
    status = job.status()
    extremes = {
        name: {end: (point["value"], point["step"]) for end, point in ends.items()}
        for name, ends in status["extremes"].items()
    }
    assert extremes == {"loss": {"min": (0.2, 12), "max": (0.9, 14)}, "val_accuracy": {"min": (1, 17), "max": (1, 17)}}
    assert status["first_step"] == 11
    assert status["extremes"]["loss"]["min"]["at"] == job.metrics()[1]["at"]


def test_each_attempt_has_its_own_extremes(job: JobUnderTest) -> None:
    with Reporter(job.home, job.job_id) as report:
        report.step(step=1, loss=0.1)
    job.queue(attempt=2, epochs=4)
    with Reporter(job.home, job.job_id, attempt=2) as report:
        report.resume(step=1, loss=0.1)
        assert (job.status()["first_step"], job.status()["extremes"]) == (None, {})
        report.step(step=5, loss=0.2)
    assert job.status()["first_step"] == 5
    assert job.status()["extremes"]["loss"]["min"]["value"] == 0.2
