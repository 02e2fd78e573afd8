"""Runs a script as the launcher of scripts does: inside a reporter, with its libraries watched."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
import textwrap
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

if __name__ != "__main__":  # the launched process has only the package
    import pytest
    from job_under_test import JobUnderTest

TIMEOUT = 240.0  # seconds; large libraries are imported slowly on a busy machine


def needs(*libraries: str) -> pytest.MarkDecorator:
    """Skip tests if the interpreter does not have these libraries."""
    missing = [library for library in libraries if find_spec(library) is None]
    return pytest.mark.skipif(bool(missing), reason=f"{', '.join(missing)} not installed")


def start_script(
    job: JobUnderTest, source: str, attempt: int = 1, arguments: Sequence[str] = (), **environment: str
) -> subprocess.Popen[str]:
    """Start a script in a folder of its own, as a trainer of `job`."""
    folder = job.home.path / "trainers"
    folder.mkdir(parents=True, exist_ok=True)
    script = folder / "train.py"
    script.write_text(textwrap.dedent(source))
    output = job.home.path / "artifacts" / "outputs" / job.job_id
    output.mkdir(parents=True, exist_ok=True)
    environment = {
        "TRAINYARD_HOME": str(job.home.path), "TRAINYARD_JOB_ID": job.job_id, "TRAINYARD_ATTEMPT": str(attempt),
        "TRAINYARD_OUTPUT_DIR": str(output), "HF_HUB_OFFLINE": "1", "KERAS_BACKEND": "torch",
        "CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1", **environment,
    }  # fmt: skip
    return job.start([sys.executable, __file__, str(script), *arguments], **environment)


def finish_script(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Wait for the end of a script that succeeds. Returns its standard output and standard error."""
    printed, errors = process.communicate(timeout=TIMEOUT)
    assert process.returncode == 0, errors
    assert "no longer captured" not in errors, errors
    return printed, errors


def run_script(job: JobUnderTest, source: str, **environment: str) -> tuple[str, str]:
    """Run a script to its end. See `start_script` and `finish_script`."""
    return finish_script(start_script(job, source, **environment))


def values_of(job: JobUnderTest, name: str) -> list[tuple[int, float]]:
    """(step, value) of each report of a metric."""
    return [(line["step"], line["values"][name]) for line in job.metrics() if name in line["values"]]


def _launch(script: Path) -> None:
    from trainyard import Reporter
    from trainyard.capture import install
    from trainyard.reporter.shared_reporter import share

    environ = os.environ
    home = environ["TRAINYARD_HOME"] or None  # empty: outside a job
    attempt = int(environ["TRAINYARD_ATTEMPT"])
    with Reporter(home, environ["TRAINYARD_JOB_ID"], attempt, interrupt_on_stop=True) as report:
        if report.active:
            share(report)
            report.begin()
        capture = install(report, environ.get("TRAINYARD_CAPTURE"))
        os.chdir(script.parent)
        sys.path[0] = str(script.parent)
        sys.argv[:] = [str(script), *sys.argv[2:]]
        try:
            runpy.run_path(str(script), run_name="__main__")
        finally:
            capture.close()


if __name__ == "__main__":
    _launch(Path(sys.argv[1]))
