"""Training state files: complete or rejected, and never executed. Schedule of saves."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed: nothing can be trained")

from trainyard.trainers.tabular.save_schedule import COST_FACTOR, SaveSchedule
from trainyard.trainers.tabular.training_state import DamagedStateError, read_state, write_state

STATE = {"weights": {"a": torch.arange(6.0).reshape(2, 3)}, "best": float("inf"), "none": None, "step": 7}


class RunsCode:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.path),)


def test_a_written_state_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "models/job.state.pt"
    write_state(path, tmp_path / "staging", STATE)
    state = read_state(path)
    assert state is not None
    assert torch.equal(state["weights"]["a"], STATE["weights"]["a"])  # type: ignore[index]
    assert (state["best"], state["none"], state["step"]) == (float("inf"), None, 7)
    assert not list((tmp_path / "staging").iterdir())


def test_a_missing_file_is_no_state(tmp_path: Path) -> None:
    assert read_state(tmp_path / "job.state.pt") is None


@pytest.mark.parametrize("cut", [1, 50, 81, 82, 83, 500])
def test_a_truncated_file_is_damaged(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "job.state.pt"
    write_state(path, tmp_path, STATE)
    path.write_bytes(path.read_bytes()[:-cut])
    with pytest.raises(DamagedStateError, match="checksum"):
        read_state(path)


@pytest.mark.parametrize("content", [b"", b"x" * 300])
def test_a_foreign_file_is_damaged(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "job.state.pt"
    path.write_bytes(content)
    with pytest.raises(DamagedStateError, match="checksum"):
        read_state(path)


def test_a_folder_in_its_place_is_damaged(tmp_path: Path) -> None:
    with pytest.raises(DamagedStateError, match="cannot read the file"):
        read_state(tmp_path)


def test_code_in_a_state_with_a_valid_checksum_is_not_run(tmp_path: Path) -> None:
    path = tmp_path / "job.state.pt"
    write_state(path, tmp_path, {"weights": RunsCode(tmp_path / "code was run")})
    with pytest.raises(DamagedStateError, match="not a training state"):
        read_state(path)
    assert not (tmp_path / "code was run").exists()


def test_an_unsupported_version_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "job.state.pt"
    write_state(path, tmp_path, {})
    content = path.read_bytes()[:-82]
    newer = tmp_path / "newer.pt"
    torch.save({"version": 2}, newer)
    content = newer.read_bytes()
    path.write_bytes(content + b"\ntrainyard sha256 " + hashlib.sha256(content).hexdigest().encode())
    with pytest.raises(DamagedStateError, match="version 2"):
        read_state(path)


def test_a_full_disk_leaves_the_old_state(tmp_path: Path) -> None:
    path = tmp_path / "job.state.pt"
    write_state(path, tmp_path / "staging", STATE)
    (tmp_path / "blocked").write_text("a file where a folder should be")
    with pytest.raises(OSError):
        write_state(path, tmp_path / "blocked", {})
    assert read_state(path) is not None


# -- when to save


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_save_is_due_after_the_interval_and_at_every_nth_epoch() -> None:
    clock = Clock()
    schedule = SaveSchedule(10, 3, clock)
    assert [epoch for epoch in range(1, 10) if schedule.is_due(epoch)] == [3, 6, 9]
    assert not schedule.is_due(None)
    clock.now += 10
    assert schedule.is_due(None) and schedule.is_due(1)
    with schedule.saving():
        pass
    assert not schedule.is_due(None)


def test_slow_saves_are_less_frequent() -> None:
    clock = Clock()
    schedule = SaveSchedule(10, 0, clock)
    with pytest.raises(OSError), schedule.saving():
        clock.now += 4
        raise OSError
    clock.now += 4 * COST_FACTOR - 1
    assert not schedule.is_due(None)
    clock.now += 1
    assert schedule.is_due(None)


def test_zero_disables_saves() -> None:
    clock = Clock()
    schedule = SaveSchedule(0, 0, clock)
    clock.now += 1e9
    assert not schedule.is_due(None) and not schedule.is_due(1)
