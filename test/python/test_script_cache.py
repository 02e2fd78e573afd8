"""Descriptions of scripts are cached in a file, so that a listing parses only changed ones."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from job_under_test import wait_for

from trainyard.trainer_list import list_trainers

SCRIPT = '"""{text}"""\nimport argparse\nargparse.ArgumentParser().add_argument("--{option}", type=int, default=3)\n'


def listed(folder: Path, cache: Path, name: str = "train") -> dict[str, Any]:
    """The description of a script."""
    trainers = list_trainers(folder, cache)["trainers"]
    return next(trainer for trainer in trainers if trainer["name"] == name)


def kept(cache: Path) -> dict[str, Any]:
    """The cached descriptions, by path."""
    try:
        scripts: dict[str, Any] = json.loads(cache.read_text())["scripts"]
    except FileNotFoundError:
        return {}
    return scripts


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the script ``train``, cached in the file ``cache`` next to it."""
    folder = tmp_path / "trainers"
    folder.mkdir()
    (folder / "train.py").write_text(SCRIPT.format(text="First.", option="first"))
    wait_until_kept(folder, 1)
    return folder


def wait_until_kept(folder: Path, count: int) -> None:
    def is_kept() -> bool:
        list_trainers(folder, folder.with_name("cache"))
        return len(kept(folder.with_name("cache"))) == count

    wait_for(is_kept, "scripts that are old enough to be kept")


def test_a_script_that_has_not_changed_is_not_parsed_again(folder: Path) -> None:
    cache = folder.with_name("cache")
    assert listed(folder, cache) == listed(folder, folder / "none.json")
    document = json.loads(cache.read_text())
    document["scripts"][str(folder / "train.py")]["says"]["description"] = "From the cache."
    cache.write_text(json.dumps(document))
    assert listed(folder, cache)["description"] == "From the cache."
    assert list(listed(folder, cache)["options"]["properties"]) == ["first"]


def test_a_script_that_has_changed_is_parsed_again(folder: Path) -> None:
    cache = folder.with_name("cache")
    (folder / "train.py").write_text(SCRIPT.format(text="Other.", option="other"))  # of the same size
    changed = listed(folder, cache)
    assert (changed["description"], list(changed["options"]["properties"])) == ("Other.", ["other"])
    (folder / "train.py").write_text("def f(:\n")
    assert "line 1" in listed(folder, cache)["unavailable_reason"]


def test_a_change_of_the_environment_needs_no_change_of_the_script(folder: Path) -> None:
    cache = folder.with_name("cache")
    assert listed(folder, cache)["available"]
    (folder / ".venv").mkdir()
    (folder / ".venv" / "pyvenv.cfg").write_text("version = 3.12.1\n")
    assert ".venv" in listed(folder, cache)["unavailable_reason"]


def test_scripts_that_are_gone_are_not_kept(folder: Path) -> None:
    (folder / "more.py").write_text(SCRIPT.format(text="More.", option="more"))
    wait_until_kept(folder, 2)
    (folder / "train.py").unlink()
    list_trainers(folder, folder.with_name("cache"))
    assert list(kept(folder.with_name("cache"))) == [str(folder / "more.py")]


@pytest.mark.parametrize(
    "content", ["", "[]", '{"code": 1}', "{" * 100_000, '{"code": "other", "scripts": {}}', b"\xff".decode("latin-1")]
)
def test_a_damaged_file_counts_as_empty(folder: Path, content: str) -> None:
    cache = folder.with_name("cache")
    expected = listed(folder, cache)
    cache.write_text(content)
    assert listed(folder, cache) == expected
    assert len(kept(cache)) == 1


def test_a_damaged_entry_leaves_the_other_scripts_alone(folder: Path) -> None:
    cache = folder.with_name("cache")
    (folder / "more.py").write_text(SCRIPT.format(text="More.", option="more"))
    wait_until_kept(folder, 2)
    document = json.loads(cache.read_text())
    document["scripts"][str(folder / "train.py")]["says"] = {"is_program": 3}
    document["scripts"][str(folder / "more.py")] = sys.version
    cache.write_text(json.dumps(document))
    assert listed(folder, cache, "more")["description"] == "More."


def test_a_folder_that_cannot_be_written_costs_only_time(folder: Path) -> None:
    assert listed(folder, folder / "none" / "cache")["description"] == "First."
