"""The settings that a training records: those given, the defaults, and the values that the trainer chose."""

from __future__ import annotations

import json
from typing import Any

import pytest
from job_under_test import JobUnderTest

pytest.importorskip("torch", reason="PyTorch is not installed: nothing can be trained")

from trained_job import people, train

from trainyard.provenance import record_provenance, record_settings
from trainyard.trainers.tabular.options import OPTIONS_SCHEMA


def recorded(job: JobUnderTest, options: dict[str, Any], rows: int, **changes: Any) -> dict[str, Any]:
    record_provenance(job.home, job.job_id, 1)
    train(job, job.dataset("people.csv", people(rows, "owner")), options, epochs=1, **changes)
    record: dict[str, Any] = json.loads(job.home.provenance(job.job_id).read_text())
    assert record["packages"]
    settings: dict[str, Any] = record["settings"]
    return settings


def test_defaults_and_choices_of_the_trainer_are_recorded(job: JobUnderTest) -> None:
    settings = recorded(job, {"dropout": 0.5, "columns": {"city": "IGNORE"}}, rows=1200)
    assert settings["epochs"] == 1 and settings["seed"] == 0
    assert settings["batch_size"] > 0 and settings["learning_rate"] > 0
    options = settings["options"]
    chosen = {"target": "owner", "task": "classification", "optimizer": "adamw", "device": "cpu", "folds": 0}
    assert options.items() >= chosen.items()
    assert options["hidden"] and options["dropout"] == 0.5 and options["columns"] == {"city": "IGNORE"}
    assert options["patience"] == OPTIONS_SCHEMA["properties"]["patience"]["default"]
    # Options without effect are absent.
    assert options.keys().isdisjoint({"group", "time", "missing", "encoding", "header"})


def test_given_settings_stay_as_they_are(job: JobUnderTest) -> None:
    settings = recorded(job, {"hidden": [5], "target": "owner"}, rows=300, batch_size=7, learning_rate=0.5, seed=9)
    assert [settings[name] for name in ("batch_size", "learning_rate", "seed")] == [7, 0.5, 9]
    assert settings["options"]["hidden"] == [5]


def test_settings_that_are_too_long_or_no_json_leave_the_record_as_it_is(job: JobUnderTest) -> None:
    record_settings(job.home, job.job_id, {"options": {}})
    assert not job.home.provenance(job.job_id).exists()
    record_provenance(job.home, job.job_id, 1)
    before = job.home.provenance(job.job_id).read_text()
    record_settings(job.home, job.job_id, {"options": {"missing": ["x" * 200_000]}})
    record_settings(job.home, job.job_id, {"options": {"odd": object()}})
    assert job.home.provenance(job.job_id).read_text() == before
