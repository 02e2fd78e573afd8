"""Rows of a request and rows of a file: a model predicts the same for both."""

from __future__ import annotations

import csv
import json
import random
from pathlib import Path
from typing import Any

import pytest
from job_under_test import JobUnderTest

torch = pytest.importorskip("torch", reason="PyTorch is not installed: nothing can be predicted")
import polars as pl
from trained_job import train

from trainyard.prediction.models import ModelCache
from trainyard.prediction.worker import _answer
from trainyard.trainers.tabular.predict import predict_file


def as_javascript(value: Any) -> Any:
    """Return the value as it arrives through a JSON client: 5.0 is 5."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: as_javascript(each) for key, each in value.items()}
    return [as_javascript(each) for each in value] if isinstance(value, list) else value


def in_file(model: Path, data: Path) -> list[str]:
    output = data.with_name("predictions.csv")
    predict_file(model, data, output)
    with output.open(encoding="utf-8", newline="") as file:
        return [row["prediction"] for row in csv.DictReader(file)]


def in_request(model: Path, rows: list[Any]) -> tuple[list[Any], list[str]]:
    answer = _answer({"task": "predict", "model": str(model), "rows": rows}, ModelCache())
    assert "result" in answer, answer
    return answer["result"]["values"], answer["result"]["warnings"]


def trained(job: JobUnderTest, rows: list[dict[str, Any]], options: dict[str, Any] | None = None) -> tuple[Path, Path]:
    data = job.dataset("rows.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    train(job, data, {"hidden": [], "test_fraction": 0, "folds": 0, **(options or {})}, epochs=3)
    return job.home.checkpoint(job.job_id).with_suffix(".safetensors"), data


def nested(depth: int, leaf: Any) -> Any:
    return leaf if depth == 0 else {"n": nested(depth - 1, leaf)}


def odd_rows(seed: int) -> list[dict[str, Any]]:
    """Rows with everything that JSON can contain and a flat table cannot, and a target that depends on it."""
    chance = random.Random(seed)
    rows = []
    for number in range(80):
        tag, level = chance.choice(["red", "green", "\ud800blue"]), chance.choice([1, 2.0, 3.5, 4])
        rows.append(
            {
                "tags": [tag, "all"],
                "mixed": chance.choice([level, str(level), True, None]),
                "sizes": [level, chance.random()],
                "long": [float(number % 3)] * (1001 + number % 2),
                "deep": nested(20, tag),
                "inner": {"flag": number % 2 == 0, "empty": {}, "list": []},
                "code": level,
                "note": f" {tag} ",
                "\ud800odd": number % 7,
                "y": level * 10 + len(tag),
            }
        )
    return rows


@pytest.mark.parametrize("seed", range(3))
def test_rows_of_a_request_and_of_a_file_have_the_same_predictions(job: JobUnderTest, seed: int) -> None:
    rows = odd_rows(seed)
    model, data = trained(job, rows, {"task": "regression", "columns": {"mixed": "CATEGORY", "code": "CATEGORY"}})
    expected = in_file(model, data)
    sent = [as_javascript(row) for row in rows]
    values, warnings = in_request(model, sent)
    assert [f"{value:.7g}" for value in values] == expected
    assert warnings == []
    one_by_one = [in_request(model, [row])[0][0] for row in sent[:8]]
    assert one_by_one == values[:8]


def test_an_array_of_texts_is_one_column(job: JobUnderTest) -> None:
    rows = [{"tags": ["a"] if row % 2 else ["b", "c"], "x": row % 5, "y": row % 2 * 100.5} for row in range(60)]
    model, _ = trained(job, rows)
    (low, high), warnings = in_request(model, [{"tags": ["b", "c"], "x": 1}, {"tags": ["a"], "x": 1}])
    assert high > low
    assert warnings == []
    _, (warning,) = in_request(model, [{"tags": ["b"], "x": 1}])
    assert """the first is '["b"]' in row 1""" in warning


def test_two_values_for_one_column_are_refused_with_their_row(job: JobUnderTest) -> None:
    model, _ = trained(job, [{"a": {"b": row % 7}, "y": row % 7 * 1.5} for row in range(60)])
    rows = [{"a": {"b": 1}}, {"a": {"b": 1}, "a.b": 2}]
    error = _answer({"task": "predict", "model": str(model), "rows": rows}, ModelCache())["error"]
    assert error["kind"] == "ROWS"
    assert error["message"].startswith("rows, line 2, column 'a.b': two values of the object")


def test_many_columns_that_the_model_lacks_need_no_memory(job: JobUnderTest) -> None:
    model, _ = trained(job, [{"x": row % 7, "y": row % 7 * 1.5} for row in range(60)])
    rows = [{"x": row % 7, **{f"{row}_{other}": 1 for other in range(200)}} for row in range(1000)]
    values, _ = in_request(model, rows)  # a cell for each key in each row would be 200 million cells
    assert len(values) == 1000


def test_a_number_among_texts_with_decimal_commas_keeps_its_value(job: JobUnderTest) -> None:
    lines = [f"{row % 9},{row % 10}25;{row % 9 + row % 10 / 10 + 0.025:.3f}".replace(".", ",") for row in range(90)]
    data = job.dataset("comma.csv", "\n".join(["price;y", *lines]))
    train(job, data, {"hidden": []}, epochs=10)
    model = job.home.checkpoint(job.job_id).with_suffix(".safetensors")
    values, _ = in_request(model, [{"price": "1,125"}, {"price": 1.125}])
    assert values[0] == values[1]
    table = data.with_name("numbers.jsonl")
    table.write_text('{"price": 1.125}\n')
    assert in_file(model, table) == [f"{values[0]:.7g}"]


def test_dates_of_a_parquet_file_are_dates_as_text_too(job: JobUnderTest) -> None:
    days = pl.date_range(pl.date(2025, 1, 1), pl.date(2025, 6, 30), eager=True)
    path = job.home.datasets / "dates.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    pl.DataFrame({"day": days, "y": [float(number) for number in range(len(days))]}).write_parquet(path)
    train(job, path, {"hidden": []}, epochs=20)
    model = job.home.checkpoint(job.job_id).with_suffix(".safetensors")
    expected = in_file(model, path)
    values, warnings = in_request(model, [{"day": str(day)} for day in days.to_list()])
    assert warnings == []
    assert [f"{value:.7g}" for value in values] == expected
    assert float(expected[-1]) > float(expected[0]) + 100
