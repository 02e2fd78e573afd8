"""Fixtures for jobs with real processes and files."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "python"
sys.path.insert(0, str(PACKAGE))
# So that processes started by a test find the package too.
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(PACKAGE), os.environ.get("PYTHONPATH")]))

# One thread for PyTorch, here and in the processes of a test: the suite runs in a process for each core.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Tests of whole histories must not depend on how long they take.
os.environ["TRAINYARD_SYSTEM_METRICS_SECONDS"] = "0"

from job_under_test import JobUnderTest  # noqa: E402 - needs the path above


@pytest.fixture
def job(tmp_path: Path) -> Iterator[JobUnderTest]:
    """A job in its own home folder. Its processes are killed after the test."""
    job = JobUnderTest(tmp_path / "home")
    yield job
    job.end_processes()
