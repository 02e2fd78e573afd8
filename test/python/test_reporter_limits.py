"""The status file stays within the limits of its readers, and omissions are logged."""

from __future__ import annotations

import json
from typing import Any

import pytest
from job_under_test import JobUnderTest, finish

from trainyard import Reporter
from trainyard.files import MAX_DOCUMENT_BYTES

LARGEST = 2**53 - 1


def test_the_status_shows_500_of_thousands_of_metrics_and_the_history_all(
    job: JobUnderTest, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [f"grads/layers.{n // 8}.{n % 8}" for n in range(4_500)]
    with Reporter(job.home, job.job_id) as report:
        for step in (1, 2):
            report.step(step=step, loss=1 / step, **{name: n + step for n, name in enumerate(names)})
    status = job.status()
    assert status["status"] == "COMPLETED"
    assert list(status["metrics"]) == list(status["extremes"]) == ["loss", *names[:499]]
    assert status["metrics"][names[498]] == 500

    lines = job.metrics()
    assert [line["step"] for line in lines] == [1] * 5 + [2] * 5
    assert {name: value for line in lines[5:] for name, value in line["values"].items()} == {
        "loss": 0.5, **{name: n + 2 for n, name in enumerate(names)},
    }  # fmt: skip
    assert capsys.readouterr().err.splitlines() == [
        "trainyard: the status omits 4001 of the metrics, such as 'grads/layers.62.3', 'grads/layers.62.4', "
        "'grads/layers.62.5': its limit is 500 names. The metrics history contains all values: read them with "
        "Job.metrics(names: [...]), or report fewer names to see them live."
    ]


def test_the_loss_is_shown_even_if_it_is_reported_late(job: JobUnderTest) -> None:
    with Reporter(job.home, job.job_id) as report:
        report.step(step=1, **{f"m{n}": n for n in range(600)})
        report.step(step=2, loss=0.25)
    status = job.status()
    assert len(status["metrics"]) == 500
    assert (status["loss"], status["metrics"]["loss"], status["extremes"]["loss"]["min"]["value"]) == (0.25,) * 3


@pytest.mark.parametrize("character", ["x", "\n", "\0", "é", "\ud800", "\U0001f600"])
def test_the_longest_texts_fit_into_the_size_limit(job: JobUnderTest, character: str) -> None:
    width = len(character.encode("utf-16-le", "surrogatepass")) // 2

    def name(n: int) -> str:
        return character * (120 // width) + f"{n:08}"

    with pytest.raises(ValueError, match="broken"), Reporter(job.home, job.job_id) as report:
        report.begin(total_steps=LARGEST, epochs=LARGEST, device=character * 10_000)
        report.message(character * 10_000)
        report.step(step=LARGEST, epoch=LARGEST, **{name(n): -1.2345678901234567e-300 for n in range(3_000)})
        raise ValueError("broken" + character * 100_000)
    assert job.status()["error"]["reason"] == "TRAINER_ERROR"
    assert job.home.status(job.job_id).stat().st_size < MAX_DOCUMENT_BYTES
    assert max(map(len, job.home.metrics(job.job_id).read_bytes().splitlines())) < MAX_DOCUMENT_BYTES
    assert len({value for line in job.metrics() for value in line["values"]}) == 3_000


def test_the_length_of_a_name_is_counted_in_utf16_units(job: JobUnderTest) -> None:
    with Reporter(job.home, job.job_id) as report:
        report.step(step=1, **{"é" * 128: 1, "\U0001f600" * 64: 2})
        for name in ("x" * 129, "\U0001f600" * 65):
            with pytest.raises(ValueError, match="longer than 128 characters"):
                report.step(step=2, **{name: 1})


@pytest.mark.parametrize("counts", [{"step": LARGEST + 1}, {"step": 1, "epoch": LARGEST + 1}])
def test_a_count_above_the_limit_of_readers_is_rejected(job: JobUnderTest, counts: dict[str, Any]) -> None:
    with Reporter(job.home, job.job_id) as report:
        with pytest.raises(ValueError, match=r"must be at most 2\^53 - 1, but is 9007199254740992\."):
            report.step(**counts)
        report.step(step=LARGEST)
    assert job.status()["step"] == LARGEST


def test_a_checkpoint_path_above_the_limit_of_readers_is_rejected(job: JobUnderTest) -> None:
    folder = job.home.path.joinpath(*["d" * 200] * 6)
    folder.mkdir(parents=True)
    (folder / "model.pt").write_bytes(b"")
    shorten = pytest.raises(ValueError, match=r"longer than 1,024 characters: shorten it\.")
    with Reporter(job.home, job.job_id) as report, shorten:
        report.checkpoint(folder / "model.pt")
    assert job.status()["checkpoint"] is None


def test_a_loaded_status_with_too_many_metrics_is_truncated(job: JobUnderTest) -> None:
    metrics = {f"m{n}": n for n in range(2_000)}
    job.write_status(status="RUNNING", sequence=7, metrics=metrics, transitions=[{"status": "RUNNING", "at": 1.0}])
    with Reporter(job.home, job.job_id) as report:
        report.step(step=1, m3=0.5)
    assert len(job.status()["metrics"]) == 499
    assert job.status()["metrics"]["m3"] == 0.5


def test_a_script_with_too_many_metrics_completes_and_logs_the_omission(
    job: JobUnderTest,
) -> None:
    finish(
        job.supervise_script("""
        from trainyard import Reporter
        with Reporter.from_environment() as report:
            report.begin(total_steps=3)
            for step in (1, 2, 3):
                report.step(step=step, loss=1 / step, **{f"layer.{n}.norm": n + step for n in range(4_500)})
        print("done")
        """)
    )
    assert (job.status()["status"], job.exit()["exit_code"]) == ("COMPLETED", 0)
    printed = [text for _, text in job.log()]
    assert len([text for text in printed if "the status omits 4001 of the metrics" in text]) == 1
    assert "done" in printed


def test_the_encoded_names_have_a_size_limit(job: JobUnderTest) -> None:
    with Reporter(job.home, job.job_id) as report:
        report.step(step=1, **{"\0" * 100 + f"{n:04}": n for n in range(400)})
    shown = job.status()["metrics"]
    assert sum(len(json.dumps(name)) for name in shown) <= 128 * 1024
    assert 200 < len(shown) < 400


def test_a_reporter_outside_trainyard_accepts_any_number_of_metrics() -> None:
    with Reporter(None) as report:
        report.step(step=1, **{f"m{n}": n for n in range(5_000)})


def test_the_names_of_the_history_are_limited_with_one_warning(
    job: JobUnderTest, capsys: pytest.CaptureFixture[str]
) -> None:
    with Reporter(job.home, job.job_id) as report:
        for step in range(1, 14):
            report.step(step=step, always=step, **{f"s{step}/n{n}": n for n in range(1_000)})
    names = {name for line in job.metrics() for name in line["values"]}
    assert (len(names), "always" in names, "s10/n998" in names, "s10/n999" in names) == (10_000, True, True, False)
    assert job.metrics()[-1]["values"] == {"always": 13}
    warnings = [line for line in capsys.readouterr().err.splitlines() if "history has 10,000 names" in line]
    assert len(warnings) == 1
    assert "'s10/n999' and further names are not recorded. Report fewer names." in warnings[0]


def test_the_size_of_the_history_is_limited_with_one_warning(
    job: JobUnderTest, capsys: pytest.CaptureFixture[str]
) -> None:
    path = job.home.metrics(job.job_id)
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:  # sparse: takes no space on the disk
        file.truncate((1 << 30) - 200)
    with Reporter(job.home, job.job_id) as report:
        for step in range(1, 20):
            report.step(step=step, loss=step, val_loss=step)
    assert (1 << 30) < path.stat().st_size < (1 << 30) + 1_000
    assert job.status()["metrics"] == {"loss": 19, "val_loss": 19}
    errors = capsys.readouterr().err
    assert errors.count("trainyard:") == 1
    assert "the metrics file has reached its limit of 1 GiB" in errors
