"""The scores of a trained model: on held-out rows, next to a baseline, and the same after interruptions."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from job_under_test import JobUnderTest

torch = pytest.importorskip("torch", reason="PyTorch is not installed: nothing can be trained")

from interruptions import at_step, stop
from trained_job import SAMPLE, attempt, people, train, values

from trainyard.data import InvalidDatasetError
from trainyard.failure import is_for_users
from trainyard.reporter import Reporter
from trainyard.trainers.tabular.checkpoint import load_checkpoint
from trainyard.trainers.tabular.evaluation.advice import Course, advise
from trainyard.trainers.tabular.evaluation.evaluate import Measured
from trainyard.trainers.tabular.evaluation.regression import regression_scores
from trainyard.trainers.tabular.options import Options
from trainyard.trainers.tabular.prepare import prepare
from trainyard.trainers.tabular.training import DivergedError

QUIET = {"log_every": 0}


def evaluation(job: JobUnderTest) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(job.home.evaluation(job.job_id).read_bytes())
    del found["at"], found["attempt"]
    return found


def rare(positives: int, rows: int = 120) -> str:
    """A table in which few rows are positive, and nothing says which."""
    chance = random.Random(1)
    lines = [f"{chance.random():.3f},{chance.random():.3f},{'sick' if n < positives else 'well'}" for n in range(rows)]
    return "a,b,state\n" + "\n".join(chance.sample(lines, rows)) + "\n"


def test_the_score_is_that_of_the_saved_model_on_held_out_rows(job: JobUnderTest) -> None:
    data = job.dataset("people.csv", people(400, "income"))
    status = train(job, data, QUIET)
    prepared = prepare(data, Options.read({}), 0)
    schema, network = load_checkpoint(job.home.checkpoint(job.job_id))
    predicted = schema.to_target_units(network(torch.from_numpy(prepared.inputs[prepared.test])).detach().numpy())
    actual = prepared.table.values[prepared.test]
    found = evaluation(job)
    assert found["metrics"] == pytest.approx(regression_scores(actual, predicted, ["income"]), rel=1e-5)
    mean = np.full_like(actual, prepared.table.values[prepared.training].mean())
    assert found["baseline"] == {"name": "mean", "metrics": pytest.approx(regression_scores(actual, mean, ["income"]))}
    assert found["part"] == "test" and found["rows"] == len(prepared.test) and found["folds"] is None
    assert found["chosen_by"] == "val_loss"
    assert values(job, "val_loss")[found["epoch"] - 1] == min(values(job, "val_loss"))
    assert found["predictions"]["predicted"] == pytest.approx(predicted[:, 0].tolist(), rel=1e-4)
    score = status["score"]
    assert (score["name"], score["value"], score["part"]) == ("r2", found["metrics"]["r2"], "test")
    assert status["message"].startswith(f"Test R² {score['value']:.4f}, baseline ")
    assert not found["notes"]


def test_a_classification_has_a_confusion_matrix_and_the_frequent_class_as_baseline(job: JobUnderTest) -> None:
    train(job, job.dataset("people.csv", people(500, "group")), QUIET)
    found = evaluation(job)
    counts = np.array(found["confusion"]["counts"])
    assert found["confusion"]["labels"] == ["high", "low", "mid"] and counts.sum() == found["rows"]
    assert found["metrics"]["accuracy"] == pytest.approx(np.trace(counts) / counts.sum())
    assert found["baseline"]["name"] == "most frequent class"
    assert found["baseline"]["metrics"]["accuracy"] == pytest.approx(counts.sum(axis=1).max() / counts.sum())
    assert found["baseline"]["metrics"]["balanced_accuracy"] == pytest.approx(1 / 3)
    assert found["baseline"]["metrics"]["roc_auc"] == 0.5
    assert set(found["metrics"]) == {"accuracy", "balanced_accuracy", "macro_f1", "log_loss", "roc_auc"}
    assert found["metrics"]["accuracy"] > found["baseline"]["metrics"]["accuracy"] + 0.2


def test_a_small_table_is_cross_validated_and_the_model_trains_on_the_same_rows_as_before(job: JobUnderTest) -> None:
    status = train(job, SAMPLE, QUIET)
    found = evaluation(job)
    assert (found["part"], found["folds"], found["rows"]) == ("cross_validation", 5, 30)
    assert found["metrics"]["r2"] > 0.99 and status["score"]["part"] == "cross_validation"
    assert "30 rows are too few for a test part" in found["notes"][0]


@pytest.mark.parametrize("positives", [1, 3])
def test_a_model_that_never_finds_the_rare_class_is_not_called_good(job: JobUnderTest, positives: int) -> None:
    status = train(job, job.dataset("rare.csv", rare(positives)), QUIET)
    found = evaluation(job)
    assert found["metrics"]["accuracy"] > 0.95  # says nothing
    score = status["score"]
    assert (score["name"], score["part"], score["rows"]) == ("balanced_accuracy", "cross_validation", 120)
    assert score["value"] == pytest.approx(0.5, abs=0.01) and score["baseline"] == 0.5
    assert np.array(found["confusion"]["counts"]).sum(axis=1).tolist() == [positives, 120 - positives]
    notes = " ".join(found["notes"])
    assert "hardly better than always predicting the most frequent class" in notes
    assert f"Too few rows to learn or to judge: class 'sick' ({positives} row" in notes


def test_a_model_that_predicts_only_the_frequent_class_is_told_how_to_find_the_rare_one() -> None:
    scores, baseline = {"balanced_accuracy": 0.5, "roc_auc": 0.77}, {"balanced_accuracy": 0.5, "roc_auc": 0.5}
    details = {"baseline_name": "most frequent class"}
    measured = Measured("test", 160, "balanced_accuracy", scores, baseline, details)
    course = Course(0.04, 0.04, 5, 25, 0.4, 0.22, 0.23, balanced=False)
    (note,) = advise(measured, course)
    assert note.startswith("The model is hardly better than always predicting the most frequent class. It tells")
    assert "(ROC AUC 0.77)" in note and 'class_weights set to "balanced"' in note
    assert "class_weights" not in advise(measured, replace(course, balanced=True))[0]
    chance = replace(measured, scores={**scores, "roc_auc": 0.55})
    assert "class_weights" not in advise(chance, course)[0]


def test_the_errors_have_the_unit_of_the_target(job: JobUnderTest) -> None:
    rows = "".join(f"{n},€{n * 1000 + n % 7:,}\n" for n in range(1, 60)).replace(",€", ',"€').replace("\n", '"\n')
    train(job, job.dataset("prices.csv", f"size,price\n{rows}"), QUIET)
    assert evaluation(job)["units"] == {"rmse": "€", "mae": "€"}


def test_a_table_of_five_rows_is_evaluated(job: JobUnderTest) -> None:
    train(job, job.dataset("five.csv", "x,y\n" + "".join(f"{n},{n}.5\n" for n in range(5))), QUIET)
    assert evaluation(job)["rows"] == 5


def test_rows_of_a_group_do_not_help_to_predict_it(job: JobUnderTest) -> None:
    # The target depends on the patient only, whom a column gives away.
    chance = random.Random(0)
    level = [chance.gauss(0, 1) for _ in range(40)]
    mark = [chance.random() for _ in range(40)]
    rows = [(n % 40, f"{mark[n % 40]:.4f}", f"{level[n % 40]:.3f}") for n in range(800)]
    data = job.dataset("patients.csv", "patient,mark,level\n" + "".join(f"p{a},{b},{c}\n" for a, b, c in rows))
    train(job, data, {**QUIET, "group": "patient", "hidden": [128, 64]})
    schema, _ = load_checkpoint(job.home.checkpoint(job.job_id))
    assert [encoder.column for encoder in schema.encoders] == ["mark"]
    assert evaluation(job)["metrics"]["r2"] < 0.3
    notes = " ".join(evaluation(job)["notes"])
    assert "always predicting the mean" in notes


def test_the_newest_rows_are_the_test(job: JobUnderTest) -> None:
    rows = "".join(f"{2000 + n // 12}-{n % 12 + 1:02}-15,{n % 12},{n % 12 + n / 1000}\n" for n in range(300))
    data = job.dataset("sales.csv", f"month,season,sales\n{rows}")
    train(job, data, {**QUIET, "time": "month"})
    found = evaluation(job)
    assert found["part"] == "test" and found["rows"] == 60
    assert min(found["predictions"]["actual"]) >= 0.24 and sorted(found["predictions"]["actual"])[-1] > 11


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"group": "citty"}, "column 'citty' of the option group not found. Did you mean 'city'"),
        ({"time": "city"}, "column 'city'.*the option time needs a column with dates or numbers"),
        ({"group": "member"}, "1 different groups found; training, validation and test need one each"),
        ({"time": "income"}, "the target cannot be the option time"),
    ],
)
def test_an_unusable_group_or_time_is_an_invalid_dataset(
    job: JobUnderTest, options: dict[str, Any], words: str
) -> None:
    text = re.sub(r",(True|False|NA|\?|),(?=2025)", ",True,", people(100, "income"))
    with pytest.raises(InvalidDatasetError, match=words):
        prepare(job.dataset("people.csv", text), Options.read(options), 0)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"validation_fraction": 0.5, "test_fraction": 0.5}, "leave no rows for training"),
        ({"group": "a", "time": "b"}, "exclude each other"),
        ({"time": "b", "folds": 5}, "has no cross-validation"),
        ({"folds": 1}, "at least 2"),
    ],
)
def test_options_that_contradict_each_other_are_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Options.read(options)


# -- warnings


def test_a_learning_rate_that_is_too_high_is_named(job: JobUnderTest) -> None:
    options = {**QUIET, "hidden": [], "weight_decay": 0}
    status = train(job, job.dataset("people.csv", people(400, "income")), options, learning_rate=100, epochs=2)
    found = evaluation(job)
    assert status["status"] == "COMPLETED" and found["metrics"]["r2"] < 0.5
    assert "the learning rate of 100 is too high. Start a job with 0.04" in found["notes"][0]


def test_columns_that_say_nothing_are_named_as_the_cause(job: JobUnderTest) -> None:
    chance = random.Random(0)
    rows = "".join(f"{chance.random()},{chance.random()}\n" for _ in range(600))
    train(job, job.dataset("noise.csv", f"x,y\n{rows}"), QUIET)
    assert "check that the target is the right column" in evaluation(job)["notes"][0]


def test_a_column_that_contains_the_target_is_named(job: JobUnderTest) -> None:
    chance = random.Random(0)
    lines = [f"{chance.random():.4f},{n % 97},{(n % 97) * 2.2}\n" for n in range(800)]
    train(job, job.dataset("leak.csv", "x,with_tax,price\n" + "".join(lines)), QUIET)
    assert "nearly all of it comes from column 'with_tax'" in evaluation(job)["notes"][0]


@pytest.mark.parametrize("kind", ["the same", "similar"])
def test_the_log_warns_of_a_column_that_contains_the_target_once(
    job: JobUnderTest, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    chance = random.Random(0)
    # A step at 0 is not linear, so that only the evaluation finds the column.
    prices = [(n % 97 if kind == "the same" else n % 97 - 48) for n in range(800)]
    leaks = [price if kind == "the same" else price + (30 if price > 0 else -30) for price in prices]
    lines = [f"{chance.random():.4f},{leak},{price}\n" for leak, price in zip(leaks, prices)]
    train(job, job.dataset("leak.csv", "x,with_tax,price\n" + "".join(lines)), QUIET)
    about = [line for line in capsys.readouterr().out.splitlines() if "'with_tax'" in line]
    assert len(about) == 1 and "'with_tax'" in evaluation(job)["notes"][0]
    assert ("nearly equals the target" in about[0]) == (kind == "the same")


def test_a_diverged_training_has_the_score_of_its_best_model(job: JobUnderTest) -> None:
    def to_infinity(learner: Any) -> None:
        with torch.no_grad():
            learner.network.linear.weight.fill_(float("inf"))

    from trainyard.trainers.tabular import training

    learners: list[Any] = []
    original = training.Learner

    class Kept(original):  # type: ignore[misc, valid-type]
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            learners.append(self)

    training.Learner = Kept  # type: ignore[misc]
    try:
        data = job.dataset("people.csv", people(400, "income"))
        with pytest.raises(DivergedError) as raised:
            attempt(job, 1, data, QUIET, 50, at_step(40, lambda: to_infinity(learners[0])))
    finally:
        training.Learner = original  # type: ignore[misc]
    assert job.status()["status"] == "ERROR" and job.status()["score"]["part"] == "test"
    # The page recognizes the start of the message, and the log has it without a traceback.
    assert is_for_users(raised.value) and job.status()["error"]["message"].startswith("The training diverged: ")


# -- importance


def test_the_importance_of_a_column_follows_its_influence(job: JobUnderTest) -> None:
    chance = random.Random(0)
    rows = []
    for _ in range(800):
        strong, weak, none = (chance.gauss(0, 1) for _ in range(3))
        rows.append(f"{none:.4f},{weak:.4f},{strong:.4f},{3 * strong + weak:.4f}\n")
    train(job, job.dataset("three.csv", "none,weak,strong,y\n" + "".join(rows)), QUIET)
    found = {entry["name"]: entry["value"] for entry in evaluation(job)["importance"]}
    assert list(found) == ["strong", "weak", "none"]
    assert found["strong"] > 1 > found["weak"] > 0.1 > 0.01 > abs(found["none"])


def test_of_many_columns_the_influential_ones_are_measured(job: JobUnderTest) -> None:
    random = np.random.default_rng(0)
    table = random.normal(size=(300, 400))
    target = table[:, 377] * 4 + table[:, 5]
    lines = [",".join(f"{value:.3f}" for value in [*row, y]) for row, y in zip(table, target)]
    data = job.dataset("wide.csv", "\n".join([",".join([*(f"c{n}" for n in range(400)), "y"]), *lines]))
    train(job, data, {**QUIET, "hidden": []}, epochs=20)
    found = evaluation(job)["importance"]
    assert len(found) == 50 and found[0]["name"] == "c377"


# -- interruptions


class Interrupted:
    """A job with a table, trained in one attempt or several."""

    def __init__(self, path: Path, text: str, options: dict[str, Any]) -> None:
        self.job = JobUnderTest(path)
        self.data = self.job.dataset("table.csv", text)
        self.options = {**QUIET, "device": "cpu", "checkpoint_every_seconds": 0, **options}
        self.number = 0

    def attempt(self, reporter: Callable[..., Reporter] = Reporter) -> None:
        self.number += 1
        attempt(self.job, self.number, self.data, self.options, 12, reporter)


def in_fold(fold: int, happens: Callable[[], object]) -> Callable[..., Reporter]:
    """A reporter that calls `happens` when a fold starts, or `refit` for fold 0."""

    class InFold(Reporter):
        def message(self, text: str) -> None:
            super().message(text)
            if f"training model {fold} of" in text or (fold == 0 and "Training on all" in text):
                happens()

    return InFold


TABLES = {"test part": people(300, "income"), "folds": people(120, "group")}


@pytest.mark.parametrize("table", TABLES)
def test_a_resumed_training_ends_with_the_same_evaluation(tmp_path: Path, table: str) -> None:
    reference, run = (Interrupted(tmp_path / name, TABLES[table], {}) for name in ("reference", "run"))
    reference.attempt()
    run.attempt(at_step(17, stop))
    assert run.job.status()["status"] == "STOPPED"
    run.attempt()
    assert evaluation(run.job) == evaluation(reference.job)
    assert run.job.status()["score"] == reference.job.status()["score"]
    assert run.job.status()["message"] == reference.job.status()["message"]


@pytest.mark.parametrize("table", TABLES)
def test_a_stopped_training_has_its_score_so_far(tmp_path: Path, table: str) -> None:
    run = Interrupted(tmp_path, TABLES[table], {})
    run.attempt(at_step(30, stop))
    assert run.job.status()["status"] == "STOPPED"
    score = run.job.status()["score"]
    assert score["part"] == ("test" if table == "test part" else "validation")
    assert 0 < score["epoch"] <= 10 and score["baseline"] is not None
    assert evaluation(run.job)["metrics"][score["name"]] == score["value"]


def test_a_stop_during_the_cross_validation_keeps_the_model_and_a_resume_completes_it(tmp_path: Path) -> None:
    reference, run = (Interrupted(tmp_path / name, TABLES["folds"], {}) for name in ("reference", "run"))
    reference.attempt()
    run.attempt(in_fold(3, stop))
    status = run.job.status()
    assert status["status"] == "STOPPED" and status["score"]["part"] == "validation"
    assert status["checkpoint"] == f"models/{run.job.job_id}.pt"
    run.attempt()
    assert run.job.status()["status"] == "COMPLETED"
    assert evaluation(run.job) == evaluation(reference.job)


def test_a_refit_trains_on_all_rows_for_the_chosen_epochs_and_keeps_the_score(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plain, run, resumed = (
        Interrupted(tmp_path / name, TABLES["test part"], {"refit": name != "plain"})
        for name in ("plain", "run", "resumed")
    )
    plain.attempt()
    run.attempt()
    assert evaluation(run.job) == evaluation(plain.job)
    rows = len(prepare(run.data, Options.read({}), 0).table.known)
    assert f"trained on all {rows} rows for {evaluation(run.job)['epoch']} epochs" in capsys.readouterr().out
    schema, network = load_checkpoint(run.job.home.checkpoint(run.job.job_id))
    before, _ = load_checkpoint(plain.job.home.checkpoint(plain.job.job_id))
    assert schema.target_mean != before.target_mean
    resumed.attempt(at_step(17, stop))
    resumed.attempt(in_fold(0, stop))
    assert resumed.job.status()["status"] == "STOPPED"
    resumed.attempt()
    _, again = load_checkpoint(resumed.job.home.checkpoint(resumed.job.job_id))
    for name, tensor in network.state_dict().items():
        assert torch.equal(tensor, again.state_dict()[name]), name
