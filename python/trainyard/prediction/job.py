"""A job that predicts all rows of a dataset with the model of another job."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from trainyard.data.read_options import DEFAULT, ReadOptions
from trainyard.dataset_path import resolve_dataset
from trainyard.files import Home, read_json
from trainyard.provenance import record_provenance
from trainyard.reporter.reporter import Reporter, StopTraining
from trainyard.spec import SpecFile
from trainyard.trainers.libraries import inspect_libraries
from trainyard.trainers.tabular import LIBRARIES
from trainyard.trainers.tabular.options import OPTIONS_SCHEMA

OUTPUT = "predictions.csv"
"""Name of the file in the output folder of the job."""


def describe() -> dict[str, Any]:
    """Return the description of these jobs in the form that trainers have, without importing PyTorch."""
    versions, missing = inspect_libraries(LIBRARIES)
    return {
        "name": "prediction",
        "title": "Prediction",
        "description": "Predicts all rows of a dataset with the model of a job.",
        "available": not missing,
        "unavailable_reason": f"Predictions need {', '.join(missing)}: run `trainyard setup`." if missing else None,
        "backends": [] if missing else ["TORCH"],
        "settings": ["dataset"],
        "defaults": {},
        "options": {
            "title": "Options of a prediction",
            "type": "object",
            "additionalProperties": False,
            "required": ["model"],
            "properties": {
                "model": {
                    "description": "Id of the job that trained the model.",
                    "type": "string",
                    "pattern": "^[A-Za-z0-9_-]{1,100}$",
                },
                **{name: OPTIONS_SCHEMA["properties"][name] for name in ("encoding", "header")},
            },
        },
        "versions": versions,
    }


def predict_dataset(home: Home, job_id: str, report: Reporter) -> None:
    """Write `predictions.csv` into the output folder of the job. One step is one row.

    A stop writes nothing. A later attempt starts from the beginning.

    Raises:
        InvalidSpecError: the spec of the job is missing or invalid.
        InvalidModelError: the model is missing or cannot be loaded.
        InvalidDatasetError: the dataset is invalid, or lacks a column of the model.
    """
    spec = SpecFile(home, job_id)
    spec.check_job(spec.take("job_id", str, "text"))
    options = spec.take("options", dict, "an object")
    dataset = resolve_dataset(home, spec.take("dataset", str, "text"))
    model = _model(home, str(options.get("model")))
    record_provenance(home, job_id, report.attempt)

    from trainyard.trainers.tabular.checkpoint import load_checkpoint
    from trainyard.trainers.tabular.predict import open_for, predict_table
    from trainyard.trainers.tabular.predict_rows import Model

    loaded = Model(*load_checkpoint(model))
    given = ReadOptions.of(options)
    table, total = open_for(loaded.schema, dataset, _read_options(home, str(options.get("model"))), given)
    done = 0
    report.begin(total_steps=total, device="cpu", message=f"Predicting {total} rows of {dataset.name}.")

    def progress(rows: int) -> None:
        nonlocal done
        done += rows
        report.step(step=done, samples=rows)
        if report.should_stop:
            raise StopTraining("Stop requested: no predictions are written.")

    output = home.outputs(job_id) / OUTPUT
    output.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    warnings = predict_table(loaded, table, output, progress)
    rows = "1 row" if done == 1 else f"{done} rows"
    summary = f"{rows} of {dataset.name} {'is' if done == 1 else 'are'} predicted, see the file {OUTPUT}."
    for line in (summary, *warnings):
        print(line)
    columns = "1 column has" if len(warnings) == 1 else f"{len(warnings)} columns have"
    report.message(f"{summary} {columns} values that the model could not use: see the log." if warnings else summary)


def _read_options(home: Home, job_id: str) -> ReadOptions:
    """Return how the file of a training is written."""
    options = (read_json(home.spec(job_id)) or {}).get("options")
    try:
        return ReadOptions.of(options if isinstance(options, dict) else {})
    except ValueError:
        return DEFAULT


def _model(home: Home, job_id: str) -> Path:
    checkpoint = home.checkpoint(job_id)
    safe = checkpoint.with_suffix(".safetensors")
    return safe if safe.is_file() else checkpoint
