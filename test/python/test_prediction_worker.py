"""The process that answers `predict`: its requests and answers, and models in memory."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from job_under_test import JobUnderTest

torch = pytest.importorskip("torch", reason="PyTorch is not installed: nothing can be predicted")

from trained_job import people, train

from trainyard.prediction.models import ModelCache
from trainyard.prediction.worker import _answer


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    job = JobUnderTest(tmp_path_factory.mktemp("money") / "home")
    lines = [f'"{row},{row % 10}25";{"a" if row % 3 else "b"};{row * 2}' for row in range(1, 200)]
    train(job, job.dataset("money.csv", "\n".join(["price;kind;y", *lines])), {"hidden": []}, epochs=20)
    return job.home.checkpoint(job.job_id).with_suffix(".safetensors")


def ask(model: Path, rows: list[Any], cache: ModelCache | None = None) -> dict[str, Any]:
    return _answer({"task": "predict", "model": str(model), "rows": rows}, cache or ModelCache())


def test_a_json_number_means_the_same_in_a_column_with_decimal_commas(model: Path) -> None:
    (as_text,), (as_number,) = (
        ask(model, [{"price": price, "kind": "a"}])["result"]["values"] for price in ("1,125", 1.125)
    )
    assert as_number == as_text
    assert as_number < 100


def test_examples_of_the_description_are_read_by_the_model(model: Path) -> None:
    described = _answer({"task": "describe", "model": str(model)}, ModelCache())["result"]
    price, kind = described["inputs"]
    assert (price["name"], price["kind"], kind["categories"]) == ("price", "number", ["a", "b"])
    answer = ask(model, [{"price": float(price["example"]), "kind": kind["example"]}])["result"]
    assert answer["warnings"] == []
    assert answer["values"][0] == pytest.approx(200, abs=40)


def test_half_of_a_character_does_not_end_a_prediction(model: Path) -> None:
    for rows in (
        [{"price": "\ud800", "kind": "\ud800"}],
        [{"price": "NaN", "kind": 0}, {"price": "\ud800", "\ud800": 1}],
    ):
        result = ask(model, rows)["result"]
        assert len(result["values"]) == len(rows)


def test_nested_values_are_columns(model: Path) -> None:
    assert "missing column 'price'" in ask(model, [{"price": {"value": 1}, "kind": "a"}])["error"]["message"]


def test_a_model_is_read_again_when_its_file_changes(model: Path, tmp_path: Path, job: JobUnderTest) -> None:
    train(job, job.dataset("people.csv", people(100, "owner")), {"hidden": []}, epochs=1)
    path, cache = tmp_path / "model.safetensors", ModelCache()
    shutil.copy(model, path)
    first = cache.get(path)
    assert cache.get(path) is first
    shutil.copy(job.home.checkpoint(job.job_id).with_suffix(".safetensors"), path)
    assert cache.get(path).schema.task == "classification"


def test_a_bug_gives_an_answer_and_does_not_end_the_process(model: Path) -> None:
    answer = _answer({"task": "predict", "model": str(model), "rows": None}, ModelCache())
    assert answer["error"]["kind"] == "FAILED"
    json.dump(answer, io.StringIO())
