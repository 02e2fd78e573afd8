"""The commands of ``python -m trainyard``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from job_under_test import JobUnderTest, finish


def run(job: JobUnderTest, *arguments: str) -> tuple[int, str, str]:
    process = job.start([sys.executable, "-m", "trainyard", *arguments])
    output, errors = process.communicate()
    return process.returncode, output, errors


@pytest.mark.parametrize("command", [[], ["train"], ["run"], ["trainers"], ["datasets"], ["predict"]])
def test_help_has_examples(job: JobUnderTest, command: list[str]) -> None:
    code, output, _ = run(job, *command, "--help")
    assert code == 0
    assert "example" in output
    assert "python -m trainyard" in output.split("example")[1]


def test_trainers_prints_the_available_trainers(job: JobUnderTest) -> None:
    code, output, _ = run(job, "trainers")
    answer = json.loads(output)
    tabular, language_model = answer["trainers"]
    assert code == 0
    assert answer["python"]["executable"] == sys.executable
    assert (tabular["name"], tabular["available"], tabular["unavailable_reason"]) == ("tabular", True, None)
    assert "SIMULATION" in tabular["backends"]
    assert set(tabular["defaults"]) == {"epochs", "batch_size", "learning_rate", "seed"}
    assert tabular["options"]["type"] == "object"
    assert {"title", "description", "versions"} <= set(tabular)
    assert (language_model["name"], language_model.keys()) == ("language-model", tabular.keys())


def test_trainers_does_not_load_pytorch(job: JobUnderTest) -> None:
    lines = "import sys; from trainyard.__main__ import main; main(['trainers']); sys.exit('torch' in sys.modules)"
    assert finish(job.start([sys.executable, "-c", lines]))[0] == 0


def test_datasets_are_described_one_line_each(job: JobUnderTest) -> None:
    job.dataset("empty.csv", "")
    code, output, _ = run(job, "datasets", str(job.home.path), "sample.csv", "missing.csv", "empty.csv", "../x.csv")
    sample, missing, empty, outside = map(json.loads, output.splitlines())
    assert code == 0
    assert sample == {"name": "sample.csv", "format": "CSV", "columns": ["x", "y"], "column_count": 2, "rows": 8}
    assert "Dataset 'missing.csv' not found" in missing["error"]
    assert (empty.keys(), empty["invalid"]) == ({"name", "error", "invalid"}, True)
    assert "The dataset '../x.csv' is outside" in outside["error"]


def test_predict_prints_an_error_message(job: JobUnderTest, tmp_path: Path) -> None:
    code, output, errors = run(
        job, "predict", "--model", str(tmp_path / "no.safetensors"), "--data", str(tmp_path / "no.csv")
    )
    assert (code, output) == (2, "")
    assert errors.startswith("trainyard predict: ")
    assert "Traceback" not in errors
