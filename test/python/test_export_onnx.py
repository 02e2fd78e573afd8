"""The ONNX export, run with onnxruntime and compared with our own predictions."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest
from job_under_test import JobUnderTest

pytest.importorskip("torch", reason="PyTorch is not installed: nothing can be exported")
onnxruntime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
pytest.importorskip("onnx", reason="onnx is not installed")

from datetime import date

import numpy as np
from trained_job import people, train

from trainyard.trainers.tabular.predict import predict_file


def number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


def days(text: str) -> float:
    if not text[:4].isdigit():
        return float("nan")
    return float((date.fromisoformat(text) - date(1970, 1, 1)).days)


def run(model: Path, rows: list[dict[str, str]]) -> dict[str, np.ndarray]:
    session = onnxruntime.InferenceSession(str(model))
    inputs = {}
    for each in session.get_inputs():
        cells = [row[each.name] for row in rows]
        if each.type == "tensor(string)":
            values = np.array([["" if cell in ("", "NA", "?") else cell] for cell in cells], dtype=object)
        else:
            read = days if each.name == "joined" else number
            values = np.array([[read(cell)] for cell in cells], dtype=np.float64)
        inputs[each.name] = values
    return dict(zip((output.name for output in session.get_outputs()), session.run(None, inputs)))


@pytest.mark.parametrize("target", ["income", "group"])
def test_the_exported_model_predicts_the_same(job: JobUnderTest, tmp_path: Path, target: str) -> None:
    train(job, job.dataset("people.csv", people(400, target)), {"hidden": [16]}, epochs=10)
    model, exported = job.home.checkpoint(job.job_id), tmp_path / "model.onnx"
    done = subprocess.run(
        [sys.executable, "-m", "trainyard", "export", "--model", str(model), "--output", str(exported)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    data, output = tmp_path / "new.csv", tmp_path / "predictions.csv"
    unknown = "1,someone,33,Atlantis,True,2025-03-04,1,\n2,else,,,False,,1,\n"
    data.write_text(people(200, target, seed=7) + unknown)
    predict_file(model, data, output)
    rows = list(csv.DictReader(output.open(encoding="utf-8")))
    found = run(exported, rows)
    if target == "income":
        assert found["prediction"][:, 0] == pytest.approx(
            [float(row["prediction"]) for row in rows], rel=1e-4, abs=1e-3
        )
    else:
        assert list(found["prediction"]) == [row["prediction"] for row in rows]
        ours = [[float(row[f"probability_{label}"]) for label in ("high", "low", "mid")] for row in rows]
        assert found["probabilities"] == pytest.approx(np.array(ours), abs=1e-5)


def test_without_onnx_the_command_says_what_to_install(job: JobUnderTest, tmp_path: Path) -> None:
    train(job, job.dataset("people.csv", people(100, "income")), {"hidden": []}, epochs=1)
    (tmp_path / "onnx.py").write_text("raise ImportError('not installed')")
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from trainyard.__main__ import main; "
        f"sys.exit(main(['export', '--model', {str(job.home.checkpoint(job.job_id))!r}, '--output', 'x.onnx']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 2
    assert "pip install 'onnx" in done.stderr and "Traceback" not in done.stderr
