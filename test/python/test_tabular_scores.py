"""Scores with default options, compared with scikit-learn's linear models on the same split."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from job_under_test import JobUnderTest

pytest.importorskip("torch", reason="PyTorch is not installed: nothing can be trained")
sklearn = pytest.importorskip("sklearn", reason="scikit-learn is not installed: there is nothing to compare with")

from sklearn import datasets
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from trained_job import people, train, values

from trainyard.trainers.tabular.options import Options
from trainyard.trainers.tabular.prepare import prepare

NO_TEST = {"test_fraction": 0}


def linear_score(path: Path, numbers: list[str], categories: list[str], target: str) -> float:
    """R² or accuracy of a scikit-learn pipeline on the split of the trainer."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row[target] not in ("", "NA", "?")]
    gap = {"": np.nan, "NA": np.nan, "?": np.nan}
    columns = [[float(gap.get(row[name], row[name])) for name in numbers] for row in rows]
    texts = [[row[name] for name in categories] for row in rows]
    x = np.concatenate([np.array(columns, dtype=object), np.array(texts, dtype=object)], axis=1)
    data = prepare(path, Options.read(NO_TEST), seed=0)
    regression = data.schema.task == "regression"
    y = np.array([float(row[target]) if regression else row[target] for row in rows])
    encoders = [(make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), slice(0, len(numbers)))]
    if categories:
        encoders.append((OneHotEncoder(handle_unknown="ignore"), slice(len(numbers), x.shape[1])))
    learner = LinearRegression() if regression else LogisticRegression(max_iter=2000)
    model = make_pipeline(make_column_transformer(*encoders), learner)
    return float(model.fit(x[data.training], y[data.training]).score(x[data.validation], y[data.validation]))


@pytest.mark.parametrize("name", ["diabetes", "iris", "wine", "breast_cancer"])
def test_real_tables_score_like_a_linear_model_or_better(job: JobUnderTest, name: str) -> None:
    bunch = getattr(datasets, f"load_{name}")()
    names = [*(column.replace(",", " ") for column in bunch.feature_names), "target"]
    labels = bunch.target if name == "diabetes" else bunch.target_names[bunch.target]
    path = job.home.datasets / f"{name}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([names, *([*row, label] for row, label in zip(bunch.data, labels))])
    status = train(job, path, NO_TEST)
    score = max(values(job, "val_r2" if name == "diabetes" else "val_accuracy"))
    assert status["status"] == "COMPLETED"
    # One validation row of these small tables changes the score by up to 0.033.
    assert score >= linear_score(path, names[:-1], [], "target") - 0.04


@pytest.mark.parametrize("target", ["income", "owner", "group"])
@pytest.mark.parametrize("rows", [300, 3000])
def test_mixed_tables_with_gaps_score_like_a_linear_model(job: JobUnderTest, rows: int, target: str) -> None:
    path = job.dataset("people.csv", people(rows, target))
    train(job, path, NO_TEST)
    score = max(values(job, "val_r2" if target == "income" else "val_accuracy"))
    assert score >= linear_score(path, ["age"], ["city", "member"], target) - 0.03


def test_a_nonlinear_target_scores_better_than_a_linear_model(job: JobUnderTest) -> None:
    chance = np.random.default_rng(0)
    x = chance.uniform(-3, 3, (2000, 2))
    y = np.sin(2 * x[:, 0]) + x[:, 0] * x[:, 1] + chance.normal(0, 0.1, 2000)
    rows = "".join(f"{a:.4f},{b:.4f},{c:.4f}\n" for (a, b), c in zip(x, y))
    path = job.dataset("curve.csv", f"a,b,y\n{rows}")
    train(job, path, NO_TEST)
    assert max(values(job, "val_r2")) > 0.9 > 0.5 > linear_score(path, ["a", "b"], [], "y")
