"""Paths of files, and atomic replacement."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path

import pytest

from trainyard.files import Home, read_json, write_json_atomically
from trainyard.logs.append_file import AppendFile

JOB = "job_1_aaaaaaaa"


def test_paths_match_the_protocol(tmp_path: Path) -> None:
    home = Home(tmp_path)
    found = [home.status(JOB), home.spec(JOB), home.metrics(JOB), home.log(JOB), home.exit(JOB)]
    assert [str(path.relative_to(tmp_path)) for path in found] == [
        f"artifacts/jobs/{JOB}.json", f"artifacts/specs/{JOB}.json", f"artifacts/metrics/{JOB}.jsonl",
        f"artifacts/logs/{JOB}.log", f"artifacts/exits/{JOB}.json",
    ]  # fmt: skip
    assert home.staging == tmp_path / "artifacts/staging"
    assert home.datasets == tmp_path / "datasets"
    assert home.checkpoint(JOB) == tmp_path / f"models/{JOB}.pt"
    assert home.checkpoint(JOB, simulation=True) == tmp_path / f"models/{JOB}.txt"


@pytest.mark.parametrize("job_id", ["", "..", "../job", "a/b", "job\n", "j" * 101])
def test_a_job_id_cannot_lead_out_of_the_home(tmp_path: Path, job_id: str) -> None:
    with pytest.raises(ValueError, match="is not a job id"):
        Home(tmp_path).status(job_id)


@pytest.mark.parametrize("sync", [False, True])
def test_the_first_write_creates_the_folders(tmp_path: Path, sync: bool) -> None:
    home = Home(tmp_path / "new")
    write_json_atomically(
        home, JOB, home.status(JOB), {"loss": math.nan, "all": [math.inf, {"a": -math.inf}], "n": 1.5}, sync
    )
    written = json.loads(home.status(JOB).read_text())
    assert written == {"loss": "NaN", "all": ["Infinity", {"a": "-Infinity"}], "n": 1.5}


def test_a_failed_write_leaves_the_old_file_and_no_temporary_file(tmp_path: Path) -> None:
    home = Home(tmp_path)
    write_json_atomically(home, JOB, home.status(JOB), {"version": 1})
    in_the_way = home.path / "artifacts/jobs/folder"
    (in_the_way / "full").mkdir(parents=True)
    with pytest.raises(OSError):
        write_json_atomically(home, JOB, in_the_way, {"version": 2})
    assert read_json(home.status(JOB)) == {"version": 1}
    assert list(home.staging.iterdir()) == []


def test_anything_but_a_json_object_reads_as_none(tmp_path: Path) -> None:
    (tmp_path / "torn").write_text('{"version": 1')
    (tmp_path / "list").write_text("[1]")
    (tmp_path / "binary").write_bytes(b"\xff\x00")
    (tmp_path / "deep").write_text("[" * 100_000)
    (tmp_path / "huge").write_text('{"a": "' + "x" * (1 << 20) + '"}')
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "fifo")
    names = ["missing", "torn", "list", "binary", "deep", "huge", "folder", "fifo"]
    assert [read_json(tmp_path / name) for name in names] == [None] * len(names)


def test_an_append_file_has_a_bounded_buffer_and_drops_complete_records(tmp_path: Path) -> None:
    path = tmp_path / "folder/log"
    (tmp_path / "folder").write_text("in the way")
    file = AppendFile(path, backlog=10)
    assert isinstance(file.append(b"one\n"), OSError)
    assert isinstance(file.append(b"two\n"), OSError)
    assert isinstance(file.append(b"three\n"), OSError)
    (tmp_path / "folder").unlink()
    assert file.append(b"4\n") is None
    assert path.read_bytes() == b"one\ntwo\n4\n"
    assert file.lost == 1
    file.close()
    file.close()
