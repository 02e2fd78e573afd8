"""Rotation of append-only files."""

from __future__ import annotations

import os
from pathlib import Path

from trainyard.logs.rotating_file import RotatingFile


def test_a_record_that_does_not_fit_starts_a_new_file(tmp_path: Path) -> None:
    path = tmp_path / "log"
    file = RotatingFile(path, limit=12)
    for record in (b"first\n", b"12345\n", b"second\n"):  # the second fits exactly
        assert file.append(record) is None
    file.close()
    assert ((tmp_path / "log.1").read_text(), path.read_text()) == ("first\n12345\n", "second\n")


def test_only_one_previous_file_is_kept(tmp_path: Path) -> None:
    file = RotatingFile(tmp_path / "log", limit=10)
    for number in range(5):
        file.append(b"line %d\n" % number)
    file.close()
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"log": "line 4\n", "log.1": "line 3\n"}


def test_a_record_above_the_limit_is_not_split(tmp_path: Path) -> None:
    file = RotatingFile(tmp_path / "log", limit=10)
    file.append(b"x" * 99 + b"\n")
    file.append(b"y\n")
    file.close()
    assert (tmp_path / "log.1").stat().st_size == 100
    assert (tmp_path / "log").read_text() == "y\n"


def test_the_size_includes_data_of_other_writers(tmp_path: Path) -> None:
    path = tmp_path / "log"
    file = RotatingFile(path, limit=10)
    file.append(b"a\n")
    with path.open("a") as other:
        other.write("of others\n")
    file.append(b"b\n")
    file.close()
    assert ((tmp_path / "log.1").read_text(), path.read_text()) == ("a\nof others\n", "b\n")


def test_two_writers_rotate_the_file_once(tmp_path: Path) -> None:
    path = tmp_path / "log"
    one, other = RotatingFile(path, limit=14), RotatingFile(path, limit=14)
    one.append(b"first\n")
    other.append(b"1\n")
    one.append(b"second\n")
    other.append(b"others\n")  # its file is full and already renamed
    one.close()
    other.close()
    assert ((tmp_path / "log.1").read_text(), path.read_text()) == ("first\n1\n", "second\nothers\n")


def test_a_removed_file_is_created_again(tmp_path: Path) -> None:
    path = tmp_path / "log"
    file = RotatingFile(path, limit=10)
    file.append(b"first\n")
    path.unlink()
    file.append(b"second\n")
    file.close()
    assert [entry.name for entry in tmp_path.iterdir()] == ["log"]
    assert path.read_text() == "second\n"


def test_an_unreachable_folder_loses_no_line(tmp_path: Path) -> None:
    path = tmp_path / "log"
    file = RotatingFile(path, limit=10)
    file.append(b"first\n")
    os.rename(tmp_path, moved := tmp_path.with_name("moved"))
    tmp_path.write_text("a file where the folder was")
    for _ in range(3):
        assert file.append(b"more\n") is None  # written to the open file
    tmp_path.unlink()
    os.rename(moved, tmp_path)
    assert file.append(b"last\n") is None
    file.close()
    assert ((tmp_path / "log.1").read_text(), path.read_text()) == ("first\nmore\nmore\nmore\n", "last\n")
