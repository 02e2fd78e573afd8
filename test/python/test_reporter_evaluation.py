"""A script reports the quality of its model: the evaluation file, and the score in the status."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from job_under_test import JobUnderTest, wait_for

from trainyard.reporter import Reporter


def evaluation(job: JobUnderTest) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(job.home.evaluation(job.job_id).read_bytes())
    return found


def test_an_evaluation_is_written_and_its_first_metric_becomes_the_score(job: JobUnderTest) -> None:
    with Reporter(job.home, job.job_id) as report:
        report.evaluation(
            {"accuracy": 0.9, "log_loss": 0.3},
            rows=100,
            epoch=3,
            chosen_by="val_loss",
            baseline={"accuracy": 0.6},
            baseline_name="most frequent class",
            units={"log_loss": "nats"},
            confusion={"labels": ["cat", "dog"], "counts": [[55, 5], [5, 35]]},
            importance={"ears": 0.1, "tail": 0.3},
            notes=["Few rows."],
        )
        assert evaluation(job)["metrics"] == {"accuracy": 0.9, "log_loss": 0.3}  # before the end of the block
    found = evaluation(job)
    assert (found["job_id"], found["attempt"], found["part"], found["score"]) == (job.job_id, 1, "test", "accuracy")
    assert found["baseline"] == {"name": "most frequent class", "metrics": {"accuracy": 0.6}}
    assert found["confusion"] == {"labels": ["cat", "dog"], "counts": [[55, 5], [5, 35]]}
    assert [entry["name"] for entry in found["importance"]] == ["tail", "ears"]
    assert found["notes"] == ["Few rows."] and found["units"] == {"log_loss": "nats"}
    assert job.status()["score"] == {
        "name": "accuracy", "value": 0.9, "baseline": 0.6, "goal": None, "part": "test", "epoch": 3, "rows": 100,
        "unit": None,
    }  # fmt: skip


def test_a_score_so_far_is_replaced_by_the_evaluation(job: JobUnderTest) -> None:
    with Reporter(job.home, job.job_id) as report:
        report.score("dice", 0.5, goal="max", epoch=1, unit="%")
        wait_for(lambda: job.status()["score"] is not None, "the score")
        assert job.status()["score"]["value"] == 0.5 and job.status()["score"]["part"] == "validation"
        report.evaluation({"dice": 0.7, "loss": 1}, score="dice", goal="max", units={"dice": "%"})
    score = job.status()["score"]
    assert (score["value"], score["part"], score["goal"], score["unit"]) == (0.7, "test", "max", "%")


def test_numbers_of_libraries_are_accepted(job: JobUnderTest) -> None:
    numpy = pytest.importorskip("numpy")
    with Reporter(job.home, job.job_id) as report:
        report.evaluation(
            {"r2": numpy.float32(0.5)},
            rows=numpy.int64(7),
            predictions={"actual": numpy.arange(3.0), "predicted": numpy.arange(3.0)},
            confusion={"labels": [0, 1], "counts": numpy.eye(2, dtype=int)},
        )
    assert evaluation(job)["predictions"] == {"actual": [0, 1, 2], "predicted": [0, 1, 2]}
    assert evaluation(job)["confusion"]["labels"] == ["0", "1"]


def test_long_lists_are_shortened(job: JobUnderTest) -> None:
    with Reporter(job.home, job.job_id) as report:
        report.evaluation(
            {"r2": 0.5},
            predictions={"actual": range(2500), "predicted": range(2500)},
            importance={f"column {number}": number for number in range(3000)},
            notes=["x" * 1000] * 1000,
        )
    found = evaluation(job)
    assert found["predictions"]["actual"] == list(range(0, 2500, 3))
    assert len(found["importance"]) == 100 and found["importance"][0]["value"] == 2999
    assert found["notes"] == ["x" * 500] * 20
    assert job.home.evaluation(job.job_id).stat().st_size < 1 << 20


def test_a_metric_that_is_not_finite_is_recorded_but_is_no_score(job: JobUnderTest) -> None:
    with Reporter(job.home, job.job_id) as report:
        report.evaluation({"r2": math.nan, "rmse": 3.0})
    assert evaluation(job)["metrics"] == {"r2": "NaN", "rmse": 3.0} and job.status()["score"] is None


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"metrics": {}}, "needs 1 to 100 metrics, but has 0"),
        ({"metrics": {str(number): number for number in range(101)}}, "needs 1 to 100 metrics, but has 101"),
        ({"score": "f1"}, "The score 'f1' is not one of the metrics 'accuracy'"),
        ({"part": "holdout"}, "part must be one of 'test', 'validation', 'cross_validation', 'training'"),
        ({"goal": "up"}, "goal must be 'max' or 'min', but is 'up'"),
        ({"confusion": {"labels": ["a", "b"], "counts": [[1, 2]]}}, "counts must be 2 rows of as many"),
        ({"confusion": {"labels": list(range(51)), "counts": []}}, "51 labels; at most 50"),
        ({"predictions": {"actual": [1, 2], "predicted": [1]}}, "2 actual and 1 predicted values"),
        ({"epoch": -1}, "epoch must not be negative"),
    ],
)
def test_a_wrong_evaluation_is_refused_inside_and_outside_of_a_job(
    job: JobUnderTest, arguments: dict[str, Any], words: str
) -> None:
    for report in (Reporter(None), Reporter(job.home, job.job_id)):
        with report, pytest.raises(ValueError, match=words):
            report.evaluation(**{"metrics": {"accuracy": 1.0}, **arguments})
    assert not job.home.evaluation(job.job_id).exists()


def test_without_a_job_nothing_is_written(job: JobUnderTest) -> None:
    with Reporter(None) as report:
        report.score("accuracy", 0.5)
        report.evaluation({"accuracy": 0.5})
    assert not job.home.evaluation(job.job_id).parent.exists()


def test_an_evaluation_that_cannot_be_written_does_not_end_the_training(
    job: JobUnderTest, capsys: pytest.CaptureFixture[str]
) -> None:
    job.home.evaluation(job.job_id).parent.mkdir(parents=True)
    (job.home.evaluation(job.job_id) / "in the way").mkdir(parents=True)
    with Reporter(job.home, job.job_id) as report:
        report.evaluation({"accuracy": 0.5})
    assert job.status()["status"] == "COMPLETED" and job.status()["score"]["value"] == 0.5
    assert "cannot write" in capsys.readouterr().err
