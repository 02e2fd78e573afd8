"""Progress from XGBoost and LightGBM."""

from __future__ import annotations

import signal

from captured_script import TIMEOUT, finish_script, needs, run_script, start_script, values_of
from job_under_test import JobUnderTest, wait_for

_DATA = """
import numpy as np
rng = np.random.default_rng(0)
x = rng.normal(size=(200, 4))
y = x[:, 0] * 2 + x[:, 1]
"""


@needs("xgboost")
def test_xgboost_gives_rounds_and_evaluation_metrics(job: JobUnderTest) -> None:
    run_script(
        job,
        f"""
        {_DATA.replace(chr(10), chr(10) + " " * 8)}
        import xgboost as xgb
        train, valid = xgb.DMatrix(x[:150], y[:150]), xgb.DMatrix(x[150:], y[150:])
        xgb.train({{"eta": 0.3}}, train, num_boost_round=12, evals=[(train, "train"), (valid, "valid")])
        """,
    )
    status = job.status()
    assert (status["step"], status["total_steps"]) == (12, 12)
    assert [step for step, _ in values_of(job, "train_rmse")] == list(range(1, 13))
    assert set(status["metrics"]) == {"train_rmse", "valid_rmse"}


@needs("xgboost", "sklearn")
def test_xgboost_is_captured_through_its_scikit_learn_interface(job: JobUnderTest) -> None:
    run_script(
        job,
        f"""
        {_DATA.replace(chr(10), chr(10) + " " * 8)}
        from xgboost import XGBRegressor
        model = XGBRegressor(n_estimators=7).fit(x[:150], y[:150], eval_set=[(x[150:], y[150:])])
        assert model.get_booster().num_boosted_rounds() == 7
        """,
    )
    assert (job.status()["step"], job.status()["total_steps"]) == (7, 7)
    assert len(values_of(job, "validation_0_rmse")) == 7


@needs("lightgbm")
def test_lightgbm_gives_rounds_and_evaluation_metrics(job: JobUnderTest) -> None:
    run_script(
        job,
        f"""
        {_DATA.replace(chr(10), chr(10) + " " * 8)}
        import lightgbm as lgb
        train = lgb.Dataset(x[:150], y[:150])
        valid = lgb.Dataset(x[150:], y[150:], reference=train)
        lgb.train({{"objective": "regression", "verbose": -1, "num_threads": 1}}, train, 9, valid_sets=[valid])
        lgb.LGBMRegressor(n_estimators=3, verbose=-1, n_jobs=1).fit(x, y)
        """,
    )
    status = job.status()
    assert (status["step"], status["total_steps"]) == (12, 12)  # two trainings in a row
    assert [step for step, _ in values_of(job, "valid_0_l2")] == list(range(1, 10))


@needs("xgboost")
def test_a_stop_request_ends_xgboost_after_a_round_and_saves_the_model(job: JobUnderTest) -> None:
    script = start_script(
        job,
        f"""
        {_DATA.replace(chr(10), chr(10) + " " * 8)}
        import xgboost as xgb
        model = xgb.train({{"nthread": 1}}, xgb.DMatrix(x, y), num_boost_round=1_000_000)
        print("rounds", model.num_boosted_rounds())
        """,
    )
    _stop_after_step(job, script)
    printed, _ = finish_script(script)
    assert f"rounds {job.status()['step']}\n" in printed
    assert (job.home.path / "artifacts/outputs" / job.job_id / "model.ubj").stat().st_size > 0
    assert job.status()["status"] == "STOPPED"


@needs("lightgbm")
def test_a_stop_request_ends_lightgbm_after_a_round_and_saves_the_model(job: JobUnderTest) -> None:
    script = start_script(
        job,
        f"""
        {_DATA.replace(chr(10), chr(10) + " " * 8)}
        import lightgbm as lgb
        model = lgb.LGBMRegressor(n_estimators=1_000_000, verbose=-1, n_jobs=1, min_child_samples=2).fit(x, y)
        print("rounds", model.booster_.current_iteration())
        """,
    )
    _stop_after_step(job, script)
    printed, _ = finish_script(script)
    assert f"rounds {job.status()['step']}\n" in printed
    assert (job.home.path / "artifacts/outputs" / job.job_id / "model.txt").stat().st_size > 0
    assert job.status()["status"] == "STOPPED"


def _stop_after_step(job: JobUnderTest, script: object) -> None:
    wait_for(lambda: job.status().get("step", 0) > 3, "steps", TIMEOUT)
    script.send_signal(signal.SIGTERM)  # type: ignore[attr-defined]
