"""The scores of an evaluation, compared with scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest

metrics = pytest.importorskip("sklearn.metrics", reason="scikit-learn is not installed: nothing to compare with")

from trainyard.trainers.tabular.evaluation.classification import classification_scores, confusion_matrix, roc_auc
from trainyard.trainers.tabular.evaluation.regression import r2, regression_scores


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("classes", [2, 3, 7])
def test_scores_of_a_classification_equal_those_of_scikit_learn(classes: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    actual = np.concatenate([np.arange(classes), random.integers(classes, size=50)])
    # Two decimals: many ties. Every class occurs.
    probabilities = np.round(random.dirichlet(np.ones(classes), len(actual)), 2) + 1e-3
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    predicted = probabilities.argmax(axis=1)
    found = classification_scores(actual, probabilities)
    area = probabilities[:, 1] if classes == 2 else probabilities
    assert found == pytest.approx(
        {
            "accuracy": metrics.accuracy_score(actual, predicted),
            "balanced_accuracy": metrics.balanced_accuracy_score(actual, predicted),
            "macro_f1": metrics.f1_score(actual, predicted, average="macro"),
            "log_loss": metrics.log_loss(actual, probabilities),
            "roc_auc": metrics.roc_auc_score(actual, area, multi_class="ovr"),
        }
    )
    wanted = metrics.confusion_matrix(actual, predicted, labels=range(classes))
    assert (confusion_matrix(actual, predicted, classes) == wanted).all()


def test_a_certain_wrong_prediction_has_a_finite_log_loss() -> None:
    actual, probabilities = np.array([0, 1]), np.array([[0.0, 1.0], [0.0, 1.0]])
    assert classification_scores(actual, probabilities)["log_loss"] == pytest.approx(
        metrics.log_loss(actual, probabilities)
    )


def test_classes_that_do_not_occur_are_left_out() -> None:
    actual = np.array([0, 0, 2, 2])
    probabilities = np.array([[0.8, 0.1, 0.1], [0.6, 0.0, 0.4], [0.1, 0.2, 0.7], [0.7, 0.0, 0.3]])
    found = classification_scores(actual, probabilities)
    assert found["balanced_accuracy"] == 0.75
    assert found["macro_f1"] == pytest.approx(metrics.f1_score(actual, probabilities.argmax(axis=1), average="macro"))
    assert found["roc_auc"] == 0.75  # the mean of 0.75 and 0.75; of class 1, no row exists
    assert roc_auc(np.array([0, 0]), np.array([[0.5, 0.5], [0.6, 0.4]])) is None
    assert "roc_auc" not in classification_scores(np.array([1, 1]), np.array([[0.5, 0.5], [0.6, 0.4]]))


@pytest.mark.parametrize("unit", [1.0, 1e-200, 1e200])
def test_scores_of_a_regression_equal_those_of_scikit_learn(unit: float) -> None:
    random = np.random.default_rng(0)
    actual = random.normal(size=(40, 1))
    predicted = actual + random.normal(scale=0.3, size=(40, 1))
    found = regression_scores(actual * unit, predicted * unit, ["price"])
    assert found == pytest.approx(
        {
            "r2": metrics.r2_score(actual, predicted),
            "rmse": metrics.root_mean_squared_error(actual, predicted) * unit,
            "mae": metrics.mean_absolute_error(actual, predicted) * unit,
        },
        abs=0,
    )


def test_several_targets_have_errors_of_their_own_units() -> None:
    random = np.random.default_rng(0)
    actual = random.normal(size=(40, 2)) * [1, 1000]
    predicted = actual + random.normal(size=(40, 2)) * [0.1, 100]
    found = regression_scores(actual, predicted, ["a", "b"])
    assert found["r2"] == pytest.approx(metrics.r2_score(actual, predicted))
    assert found["rmse/a"] < 1 < 50 < found["rmse/b"]
    assert sorted(found) == ["mae/a", "mae/b", "r2", "rmse/a", "rmse/b"]


def test_r2_of_a_constant_target_is_not_defined() -> None:
    assert np.isnan(r2(np.full((7, 1), 0.1), np.full((7, 1), 0.2)))
