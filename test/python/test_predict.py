"""Predictions from both files of a trained model, with the command and the function."""

from __future__ import annotations

import csv
import os
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from job_under_test import JobUnderTest

torch = pytest.importorskip("torch", reason="PyTorch is not installed: nothing can be predicted")

from trained_job import SAMPLE, people, train, values

from trainyard.data import InvalidDatasetError
from trainyard.trainers.tabular.checkpoint import InvalidModelError
from trainyard.trainers.tabular.options import Options
from trainyard.trainers.tabular.predict import predict_file
from trainyard.trainers.tabular.prepare import prepare


def predict(model: Path, data: Path) -> list[dict[str, str]]:
    output = data.with_name("predictions.csv")
    predict_file(model, data, output)
    with output.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A regression model (income) and a classification model (group), trained once."""
    found = {}
    for target in ("income", "group"):
        job = JobUnderTest(tmp_path_factory.mktemp(target) / "home")
        train(job, job.dataset("people.csv", people(400, target)), {"hidden": [16]}, epochs=25)
        found[target] = job.home.checkpoint(job.job_id)
    return found


@pytest.mark.parametrize("suffix", [".pt", ".safetensors"])
def test_the_command_predicts_the_sample(job: JobUnderTest, suffix: str) -> None:
    train(job, SAMPLE)
    model = job.home.checkpoint(job.job_id).with_suffix(suffix)
    done = subprocess.run(
        [sys.executable, "-m", "trainyard", "predict", "--model", str(model), "--data", str(SAMPLE)],
        capture_output=True,
        text=True,
        check=True,
    )
    rows = list(csv.DictReader(done.stdout.splitlines()))
    assert list(rows[0]) == ["x", "y", "prediction"] and len(rows) == 30
    assert all(abs(float(row["prediction"]) - (2 * float(row["x"]) + 0.05)) < 0.2 for row in rows)


def test_both_files_predict_the_same(models: dict[str, Path], tmp_path: Path) -> None:
    data = tmp_path / "new.csv"
    data.write_text(people(50, "group", seed=5))
    one, other = (predict(models["group"].with_suffix(suffix), data) for suffix in (".pt", ".safetensors"))
    assert one == other


def test_predictions_agree_with_the_validation_score(job: JobUnderTest) -> None:
    data = job.dataset("people.csv", people(300, "owner"))
    train(job, data, {"hidden": [16]}, epochs=5)
    rows = [row for row in predict(job.home.checkpoint(job.job_id), data) if row["owner"] in ("yes", "no")]
    validation = [rows[index] for index in prepare(data, Options.read({"hidden": [16]}), seed=0).validation]
    accuracy = sum(row["owner"] == row["prediction"] for row in validation) / len(validation)
    losses, accuracies = values(job, "val_loss"), values(job, "val_accuracy")
    assert accuracy == pytest.approx(accuracies[losses.index(min(losses))])


def test_a_classification_adds_the_class_and_its_probabilities(models: dict[str, Path], tmp_path: Path) -> None:
    data = tmp_path / "new.csv"
    data.write_text(people(200, "group", seed=9))
    rows = predict(models["group"], data)
    labels = ["high", "low", "mid"]
    for row in rows:
        chances = [float(row[f"probability_{label}"]) for label in labels]
        assert sum(chances) == pytest.approx(1, abs=1e-5)
        assert row["prediction"] == labels[chances.index(max(chances))]
    known = [row for row in rows if row["group"] in labels]
    assert sum(row["prediction"] == row["group"] for row in known) > 0.75 * len(known)


def test_rows_keep_their_order_and_columns_and_need_no_target(models: dict[str, Path], tmp_path: Path) -> None:
    data = tmp_path / "new.jsonl"
    data.write_text(
        '{"note": "a, \\"b\\"", "age": 30, "city": "Oslo", "member": true, "joined": "2025-03-01"}\n'
        '{"age": null, "city": "Atlantis", "member": "", "joined": "never"}\n'
        '{"note": "c", "age": "old", "city": "Lima", "member": false, "joined": "2025-03-01"}\n'
    )
    rows = predict(models["income"], data)
    assert [row["note"] for row in rows] == ['a, "b"', "", "c"]
    assert list(rows[0])[-1] == "prediction"
    # 0.4 * 30 + 8 + 5
    assert float(rows[0]["prediction"]) == pytest.approx(25, abs=3)
    assert all(0 < float(row["prediction"]) < 45 for row in rows)


def test_predictions_do_not_clash_with_a_column_of_that_name(models: dict[str, Path], tmp_path: Path) -> None:
    data = tmp_path / "new.csv"
    data.write_text("age,city,member,joined,prediction\n30,Oslo,True,2025-03-01,7\n")
    (row,) = predict(models["income"], data)
    assert row["prediction"] == "7" and float(row["prediction_new"]) > 0


def test_a_missing_column_is_reported_with_the_most_similar_name(models: dict[str, Path], tmp_path: Path) -> None:
    data = tmp_path / "new.csv"
    data.write_text("Age,city,member,joined\n30,Oslo,True,2025-03-01\n")
    output = tmp_path / "predictions.csv"
    message = r"new.csv: missing column 'age', required by the model. Rename 'Age' if it is 'age'."
    with pytest.raises(InvalidDatasetError, match=message):
        predict_file(models["income"], data, output)
    assert os.listdir(tmp_path) == ["new.csv"]


def test_a_failed_prediction_leaves_no_file(models: dict[str, Path], tmp_path: Path) -> None:
    data = tmp_path / "new.csv"
    data.write_text("age,city,member,joined\n" + "30,Oslo,True,2025-03-01\n" * 5000 + "30\n")
    with pytest.raises(InvalidDatasetError, match="line 5002"):
        predict_file(models["income"], data, tmp_path / "predictions.csv")
    assert os.listdir(tmp_path) == ["new.csv"]


class Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(Path(os.environ["PYTEST_EVIL"]) / "ran"),)


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
def test_a_model_that_would_run_code_is_rejected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_EVIL", str(tmp_path))
    torch.save({"format": "trainyard.tabular", "version": 1, "weights": Evil()}, tmp_path / "a.pt")
    (tmp_path / "b.pt").write_bytes(pickle.dumps(Evil()))
    for name in ("a.pt", "b.pt"):
        with pytest.raises(InvalidModelError, match="would run code"):
            predict_file(tmp_path / name, SAMPLE, tmp_path / "out.csv")
    assert not (tmp_path / "ran").exists()


def test_anything_but_a_model_is_rejected_with_a_reason(models: dict[str, Path], tmp_path: Path) -> None:
    placeholder = tmp_path / "job.txt"
    placeholder.write_text("This is a placeholder, not a trained model.\n")
    cut = tmp_path / "cut.pt"
    cut.write_bytes(models["income"].read_bytes()[:500])
    torn = tmp_path / "torn.safetensors"
    torn.write_bytes(models["income"].with_suffix(".safetensors").read_bytes()[:500])
    other = tmp_path / "other.pt"
    torch.save({"weights": {}}, other)
    renamed = tmp_path / "renamed.safetensors"
    shutil.copy(models["income"], renamed)
    for path, words in (
        (tmp_path / "gone.pt", "Model file not found"),
        (placeholder, "placeholder of a simulated job"),
        (cut, "damaged"),
        (torn, "damaged"),
        (other, "not a model of the tabular trainer: unknown format"),
        (renamed, "damaged"),
    ):
        with pytest.raises(InvalidModelError, match=words):
            predict_file(path, SAMPLE, tmp_path / "out.csv")


def test_the_command_prints_the_error_and_exits_with_2(models: dict[str, Path], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "trainyard", "predict", "--model", str(models["income"]), "--data", str(SAMPLE)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("trainyard predict: sample.csv: missing columns 'age', 'city'")
    assert "Traceback" not in done.stderr
