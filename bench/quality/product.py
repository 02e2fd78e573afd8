"""The tabular trainer with its default options, as a job in a home folder of its own."""

from __future__ import annotations

import json
import tempfile
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd

from trainyard.files import Home
from trainyard.reporter import Reporter
from trainyard.spec import Spec
from trainyard.trainers import tabular
from trainyard.trainers.tabular.predict import predict_file

_JOB = "job_1760320883609_3f7c2d2a"


def run_product(train: pd.DataFrame, test: pd.DataFrame, task: str, seed: int) -> Any:
    """Train on a CSV file with a validation part of a fifth, as RealMLP does, and predict another CSV file."""
    with tempfile.TemporaryDirectory() as folder, redirect_stdout(StringIO()):
        home = Home(folder)
        for path in (home.datasets, home.staging, home.spec(_JOB).parent, home.status(_JOB).parent):
            path.mkdir(parents=True, exist_ok=True)
        for path in (home.metrics(_JOB).parent, home.checkpoint(_JOB).parent):
            path.mkdir(parents=True, exist_ok=True)
        dataset, rows, predicted = home.datasets / "train.csv", Path(folder, "test.csv"), Path(folder, "predicted.csv")
        train.to_csv(dataset, index=False)
        test.iloc[:, :-1].to_csv(rows, index=False)
        options = {"target": train.columns[-1], "task": task, "device": "cpu", "checkpoint_every_seconds": 0}
        if "test_fraction" in tabular.OPTIONS_SCHEMA["properties"]:  # the bench has a test part of its own
            options["test_fraction"] = 0
        home.spec(_JOB).write_text(
            json.dumps(
                {
                    "version": 1,
                    "job_id": _JOB,
                    "name": None,
                    "trainer": "tabular",
                    "backend": "TORCH",
                    "dataset": dataset.name,
                    "options": options,
                    "created_at": 0.0,
                    **tabular.DEFAULTS,
                    "seed": seed,
                }
            )
        )
        with Reporter(home, _JOB) as report:
            tabular.train(Spec.read(home, _JOB), dataset, home.checkpoint(_JOB), report)
        predict_file(home.checkpoint(_JOB), rows, predicted)
        frame = pd.read_csv(predicted, dtype={"prediction": str} if task == "classification" else None)
        return frame["prediction"].to_numpy()
