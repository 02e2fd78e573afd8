"""The ONNX export, run with onnxruntime and compared with our own predictions."""

from __future__ import annotations

import csv
import random
import re
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

from trainyard.prediction.export_onnx import export_onnx
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


def test_a_text_column_is_an_input_of_words(job: JobUnderTest, tmp_path: Path) -> None:
    chance = random.Random(3)
    vocabulary = ["good", "bad", "not", "it's", "größe", "fast", "late", "box", "很", "好"]
    texts = [" ".join(chance.choices(vocabulary, k=chance.randrange(2, 7))) for _ in range(120)]
    scores = [text.count("good") - 2 * text.count("not good") + chance.random() / 9 for text in texts]
    rows = "".join(f'"{text}",{number % 7},{score:.3f}\n' for number, (text, score) in enumerate(zip(texts, scores)))
    train(job, job.dataset("reviews.csv", f"review,size,stars\n{rows}"), {"hidden": [8]}, epochs=5)
    model, exported = job.home.checkpoint(job.job_id), tmp_path / "model.onnx"
    export_onnx(model, exported)
    new = [*texts[:40], "Not GOOD, not good; not good!", "unknown words only", "", "good", "很好, GRÖSSE größe"]
    data, output = tmp_path / "new.csv", tmp_path / "predictions.csv"
    data.write_text("review,size\n" + "".join(f'"{text}",3\n' for text in new), encoding="utf-8")
    predict_file(model, data, output)
    expected = [float(row["prediction"]) for row in csv.DictReader(output.open(encoding="utf-8"))]
    words = [[" ".join(re.findall(r"[很好]|[^\W很好'][^\W很好]*(?:'\w+)?", text.lower()))] for text in new]
    session = onnxruntime.InferenceSession(str(exported))
    sizes = np.full((len(new), 1), 3.0)
    for part in (slice(None), slice(42, 43)):  # with the empty text alone, no row has a word
        inputs = {"review": np.array(words, dtype=object)[part], "size": sizes[part]}
        (found,) = session.run(["prediction"], inputs)
        assert found[:, 0] == pytest.approx(expected[part], rel=1e-4, abs=1e-4)


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
