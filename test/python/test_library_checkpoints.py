"""The checkpoints that libraries save during a job."""

from __future__ import annotations

import pytest
from job_under_test import JobUnderTest

from trainyard import Reporter
from trainyard.integrations.checkpoints import newest_checkpoint, remember_checkpoint


def test_a_checkpoint_elsewhere_does_not_hide_the_one_in_the_output_folder(
    job: JobUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    outputs = job.home.outputs(job.job_id)
    monkeypatch.setenv("TRAINYARD_OUTPUT_DIR", str(outputs))
    elsewhere = job.home.path / "trainers" / "checkpoints"  # the default of Lightning
    with Reporter(job.home, job.job_id) as report:
        for folder in (outputs, elsewhere):
            folder.mkdir(parents=True)
            (folder / "last.ckpt").write_text("")
            remember_checkpoint("lightning", folder / "last.ckpt", report)
    assert job.status()["checkpoint"] == f"artifacts/outputs/{job.job_id}/last.ckpt"
    with Reporter(job.home, job.job_id, attempt=2) as report:
        assert newest_checkpoint("lightning", report) == elsewhere / "last.ckpt"
