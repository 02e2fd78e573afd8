"""Without its libraries, the trainer `language-model` is listed as unavailable, and its jobs fail with the reason."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from job_under_test import JobUnderTest

from trainyard.trainers import language_model

PACKAGE = Path(language_model.__file__).parents[3]


def run_bare(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run code in this Python with the package alone: without any installed library."""
    program = f"import sys; sys.path.insert(0, {str(PACKAGE)!r})\n{code}"
    return subprocess.run(
        [sys.executable, "-I", "-S", "-c", program, *arguments], capture_output=True, text=True, timeout=60
    )


def test_the_list_says_what_is_missing_and_the_command_that_installs_it() -> None:
    listed = run_bare(
        "import json; from trainyard.trainer_list import list_trainers; print(json.dumps(list_trainers()))"
    )
    trainers = {trainer["name"]: trainer for trainer in json.loads(listed.stdout)["trainers"]}
    trainer = trainers["language-model"]
    assert trainer["available"] is False and trainer["backends"] == []
    assert "transformers, tokenizers, peft" in trainer["unavailable_reason"]
    assert f"{sys.executable} -m pip install" in trainer["unavailable_reason"]
    assert "'transformers>=5.0'" in trainer["unavailable_reason"]
    assert trainers["tabular"]["available"] is True


def test_describing_the_trainer_imports_no_library() -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(PACKAGE)!r}); from trainyard.trainers import language_model\n"
        "language_model.describe(); print({'torch', 'transformers', 'peft', 'numpy'} & set(sys.modules))"
    )
    described = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert described.stdout == "set()\n", described.stderr


def test_the_requirements_are_those_of_the_extra() -> None:
    requirements = [name + version for name, version in language_model._REQUIREMENTS.items()]
    text = (PACKAGE / "pyproject.toml").read_text()
    extra = text.partition("\nlanguage-model = [")[2].partition("]")[0]
    assert [part.strip().strip('"') for part in extra.split(",") if part.strip()] == requirements


def test_a_job_without_the_libraries_fails_with_the_command_instead_of_a_simulation(job: JobUnderTest) -> None:
    job.spec(trainer="language-model", backend="AUTO")
    job.queue(1, 3)
    run_bare(
        "import sys; from trainyard.train import run; run(sys.argv[1], sys.argv[2])", str(job.home.path), job.job_id
    )
    status = job.status()
    assert status["status"] == "ERROR"
    assert "-m pip install" in status["error"]["message"]


@pytest.mark.skipif(
    any(find_spec(name) is None for name in language_model._REQUIREMENTS), reason="the libraries are not installed"
)
def test_a_simulation_is_refused(job: JobUnderTest) -> None:
    job.spec(trainer="language-model", backend="SIMULATION")
    job.queue(1, 3)
    process = job.start([sys.executable, "-m", "trainyard", "train", str(job.home.path), job.job_id])
    process.wait(60)
    assert job.status()["status"] == "ERROR"
    assert "Trainer language-model has no simulation" in job.status()["error"]["message"]
