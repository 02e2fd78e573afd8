"""The record of the script, arguments, versions and machine of an attempt."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from job_under_test import JobUnderTest

from trainyard import provenance
from trainyard.provenance import record_provenance


def recorded(job: JobUnderTest) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(job.home.provenance(job.job_id).read_text())
    return value


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def script(tmp_path: Path) -> Path:
    folder = tmp_path / "my scripts"
    folder.mkdir()
    path = folder / "train.py"
    path.write_text("print('é')\n", encoding="utf-8")
    return path


def test_it_has_the_script_its_arguments_and_the_environment(job: JobUnderTest, script: Path) -> None:
    record_provenance(job.home, job.job_id, 2, script=script, arguments=["--lr", "0.1"])
    record = recorded(job)
    assert record["attempt"] == 2
    assert record["script"] == {
        "name": "train.py",
        "sha256": hashlib.sha256(script.read_bytes()).hexdigest(),
        "source": "print('é')\n",
        "source_complete": True,
    }
    assert record["arguments"] == ["--lr", "0.1"]
    assert record["git"] is None
    assert record["packages"]["pytest"] == pytest.__version__
    assert record["host"]["cpus"] == os.cpu_count()


def test_a_shipped_trainer_has_no_script(job: JobUnderTest) -> None:
    record_provenance(job.home, job.job_id, 1)
    assert (recorded(job)["script"], recorded(job)["git"]) == (None, None)


def test_git_commit_branch_and_changes(job: JobUnderTest, script: Path) -> None:
    git(script.parent, "init", "-q", "-b", "topic")
    git(script.parent, "add", ".")
    git(script.parent, "commit", "-qm", "first")
    record_provenance(job.home, job.job_id, 1, script=script)
    clean = recorded(job)["git"]
    assert (len(clean["commit"]), clean["branch"], clean["dirty"]) == (40, "topic", False)
    script.with_name("module.py").write_text("new")
    record_provenance(job.home, job.job_id, 2, script=script)
    assert recorded(job)["git"] == {**clean, "dirty": True}


def test_git_runs_nothing_that_the_repository_configures(job: JobUnderTest, script: Path, tmp_path: Path) -> None:
    git(script.parent, "init", "-q")
    git(script.parent, "add", ".")
    git(script.parent, "commit", "-qm", "first")
    hook = tmp_path / "hook"
    hook.write_text(f"#!/bin/sh\ntouch '{tmp_path}/was_run'\n")
    hook.chmod(0o755)
    git(script.parent, "config", "core.fsmonitor", str(hook))
    record_provenance(job.home, job.job_id, 1, script=script)
    assert recorded(job)["git"]["dirty"] is False
    assert not (tmp_path / "was_run").exists()


def test_a_git_that_hangs_does_not_delay_the_training_for_long(
    job: JobUnderTest, script: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hanging = tmp_path / "bin"
    hanging.mkdir()
    (hanging / "git").write_text("#!/bin/sh\nexec sleep 60\n")
    (hanging / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{hanging}:{os.environ['PATH']}")
    monkeypatch.setattr(provenance, "_GIT_SECONDS", 0.1)
    record_provenance(job.home, job.job_id, 1, script=script)
    assert recorded(job)["git"] is None


def test_long_scripts_and_arguments_are_cut(job: JobUnderTest, script: Path) -> None:
    script.write_text("#" * 1_000_000)
    record_provenance(job.home, job.job_id, 1, script=script, arguments=["x" * 50_000] * 10)
    record = recorded(job)
    assert (len(record["script"]["source"]), record["script"]["source_complete"]) == (128 * 1024, False)
    assert record["script"]["sha256"] == hashlib.sha256(b"#" * 1_000_000).hexdigest()
    assert [len(text) for text in record["arguments"]] == [50_000, 15_535]
    assert job.home.provenance(job.job_id).stat().st_size < 1 << 20


def test_a_record_that_cannot_be_written_does_not_stop_the_training(job: JobUnderTest) -> None:
    job.home.provenance(job.job_id).mkdir(parents=True)
    record_provenance(job.home, job.job_id, 1, script=Path("/nowhere/train.py"))
    record_provenance(job.home, job.job_id, 1)
