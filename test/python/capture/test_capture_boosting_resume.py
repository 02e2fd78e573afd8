"""A stopped training of XGBoost or LightGBM continues in the next attempt."""

from __future__ import annotations

import pytest
from captured_script import finish_script, needs, start_script, values_of
from job_under_test import JobUnderTest

# In the first attempt, a stop request ends the training after 20 rounds. There can be another training before.
_SCRIPT = """
import os, signal, sys
import numpy as np
rng = np.random.default_rng(0)
x = rng.normal(size=(200, 4))
y = x[:, 0] * 2 + x[:, 1]
rounds, columns, other_rounds = map(int, sys.argv[1:])
x = x[:, :columns]
is_first = os.environ["TRAINYARD_ATTEMPT"] == "1"
def stop_after(done):
    if done == 20 and is_first and is_main:
        os.kill(os.getpid(), signal.SIGTERM)
"""

_XGBOOST = f"""{_SCRIPT}
import xgboost as xgb
class Stop(xgb.callback.TrainingCallback):
    def after_iteration(self, model, epoch, evals_log):
        stop_after(epoch + 1)
def train(x, rounds):
    data = xgb.DMatrix(x, y)
    return xgb.train({{"nthread": 1}}, data, rounds, evals=[(data, "train")], callbacks=[Stop()], verbose_eval=False)
is_main = False
if other_rounds:
    train(x, other_rounds)
is_main = True
model = train(x, rounds)
print("rounds", model.num_boosted_rounds())
if not is_first:
    print("same", np.allclose(model.predict(xgb.DMatrix(x)), train(x, rounds).predict(xgb.DMatrix(x)), atol=1e-4))
"""

_LIGHTGBM = f"""{_SCRIPT}
import lightgbm as lgb
def stop(env):
    stop_after(env.iteration + 1)
def train(x, rounds):
    data = lgb.Dataset(x, y)
    options = {{"verbose": -1, "num_threads": 1, "min_data_in_leaf": 5, "num_iterations": rounds}}
    return lgb.train(options, data, valid_sets=[data], valid_names=["train"], callbacks=[stop])
is_main = False
if other_rounds:
    train(x, other_rounds)
is_main = True
model = train(x, rounds)
print("rounds", model.current_iteration())
if not is_first:
    print("same", np.allclose(model.predict(x), train(x, rounds).predict(x), atol=1e-4))
"""

_LIBRARIES = [
    pytest.param(_XGBOOST, "train_rmse", marks=needs("xgboost"), id="xgboost"),
    pytest.param(_LIGHTGBM, "train_l2", marks=needs("lightgbm"), id="lightgbm"),
]


@pytest.mark.parametrize(("source", "metric"), _LIBRARIES)
def test_the_next_attempt_continues_the_stopped_training_and_its_curve(
    job: JobUnderTest, source: str, metric: str
) -> None:
    printed, _ = finish_script(start_script(job, source, arguments=["50", "4", "0"]))
    assert "rounds 20\n" in printed
    assert job.status()["status"] == "STOPPED"

    job.queue(attempt=2)
    printed, _ = finish_script(start_script(job, source, attempt=2, arguments=["50", "4", "0"]))
    assert "rounds 50\nsame True\n" in printed
    status = job.status()
    assert (status["status"], status["first_step"]) == ("COMPLETED", 21)
    assert [step for step, _ in values_of(job, metric)][:50] == list(range(1, 51))


@pytest.mark.parametrize(("source", "metric"), _LIBRARIES)
def test_of_several_trainings_the_stopped_one_continues(job: JobUnderTest, source: str, metric: str) -> None:
    finish_script(start_script(job, source, arguments=["50", "4", "10"]))
    job.queue(attempt=2)
    printed, _ = finish_script(start_script(job, source, attempt=2, arguments=["50", "4", "10"]))
    assert "rounds 50\nsame True\n" in printed
    again = [line["step"] for line in job.metrics() if line["attempt"] == 2 and metric in line["values"]]
    assert (again[:10], len(again)) == (list(range(1, 11)), 10 + 30 + 50)  # the last 50 are those of the comparison


@pytest.mark.parametrize(("source", "metric"), _LIBRARIES)
@pytest.mark.parametrize(("rounds", "columns"), [("50", "3"), ("15", "4")])
def test_a_model_that_does_not_fit_is_not_continued(
    job: JobUnderTest, source: str, metric: str, rounds: str, columns: str
) -> None:
    finish_script(start_script(job, source, arguments=["50", "4", "0"]))
    job.queue(attempt=2)
    printed, _ = finish_script(start_script(job, source, attempt=2, arguments=[rounds, columns, "0"]))
    assert f"rounds {rounds}\nsame True\n" in printed
    assert job.status()["first_step"] == 1
