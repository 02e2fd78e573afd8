"""``python -m trainyard run`` runs a script without a server and shows its progress."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

REPORTS = """
import sys, time
from trainyard import Reporter
with Reporter.from_environment() as report:
    report.begin(total_steps=40, epochs=4)
    for step in range(1, 41):
        report.step(step=step, epoch=(step + 9) // 10, loss=1 / step)
        if step % 10 == 0: print("epoch", step // 10)
        time.sleep(float(sys.argv[1]))
"""


def run(folder: Path, source: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    (folder / "train.py").write_text(textwrap.dedent(source))
    command = [sys.executable, "-m", "trainyard", "run", "train.py", *arguments]
    temporary = folder / "tmp"
    temporary.mkdir(exist_ok=True)
    environment = {**os.environ, "TMPDIR": str(temporary)}
    result = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60)
    assert list(temporary.iterdir()) == []
    return result


def test_the_script_runs_in_the_current_folder_and_writes_only_its_own_files(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    script = tmp_path / "sub" / "train.py"
    script.write_text("import os, sys\nopen('mine', 'w').close()\nprint(sys.argv, os.getcwd(), __name__)")
    command = [sys.executable, "-m", "trainyard", "run", "sub/train.py", "--lr", "0.1", "--help"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stderr
    assert result.stdout == f"{[str(script), '--lr', '0.1', '--help']} {tmp_path} __main__\n"
    assert re.fullmatch(r"sub/train.py: completed after \d+\.\d s\n", result.stderr)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine", "sub"]


def test_the_last_line_has_the_newest_numbers(tmp_path: Path) -> None:
    result = run(tmp_path, REPORTS, "0")
    assert (result.returncode, result.stdout.splitlines()) == (0, ["epoch 1", "epoch 2", "epoch 3", "epoch 4"])
    assert re.fullmatch(r"train.py: completed after \d+\.\d s, loss 0.025\n", result.stderr)


@pytest.mark.parametrize(
    ("source", "code", "last_lines"),
    [
        ("1 / 0", 1, ["ZeroDivisionError: division by zero", "train.py: failed after"]),
        ("import sys; sys.exit('no data')", 1, ["no data", "train.py: failed after"]),
        ("import sys; sys.exit(7)", 7, ["train.py: failed after"]),
        ("x = = 1", 2, ["trainyard run: train.py, line 1: SyntaxError: invalid syntax."]),
        ("# /// script\n# dependencies = ['no-such-package']\n# ///", 2, ["trainyard run: Missing packages. Install"]),
    ],
)
def test_the_exit_code_is_that_of_the_script(tmp_path: Path, source: str, code: int, last_lines: list[str]) -> None:
    result = run(tmp_path, source)
    assert result.returncode == code
    shown = result.stderr.splitlines()[-len(last_lines) :]
    assert [line[: len(expected)] for line, expected in zip(shown, last_lines)] == last_lines
    assert "trainyard/scripts" not in result.stderr


def test_a_missing_script_is_an_error(tmp_path: Path) -> None:
    result = run(tmp_path, "")
    assert result.returncode == 0
    command = [sys.executable, "-m", "trainyard", "run", "other.py"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (result.returncode, result.stderr) == (
        2, "trainyard run: other.py cannot be read: No such file or directory.\n"
    )  # fmt: skip


def in_terminal(folder: Path, source: str, *arguments: str) -> tuple[subprocess.Popen[bytes], int]:
    """Start a script with a terminal. Returns the process and the other end of the terminal."""
    (folder / "train.py").write_text(textwrap.dedent(source))
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "trainyard", "run", "train.py", *arguments],
        cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
        env={**os.environ, "TERM": "xterm"},
    )  # fmt: skip
    os.close(theirs)
    return process, ours


def read_until(terminal: int, pattern: str) -> str:
    """Return everything that was shown until the text matches; at the end of the terminal, everything."""
    shown = ""
    while not re.search(pattern, shown):
        try:
            data = os.read(terminal, 4096)
        except OSError:  # the process has ended
            break
        if not data:
            break
        shown += data.decode()
    return shown


def test_a_terminal_shows_one_line_that_is_redrawn(tmp_path: Path) -> None:
    process, terminal = in_terminal(tmp_path, REPORTS, "0.05")
    shown = read_until(terminal, "never")
    os.close(terminal)
    assert process.wait(60) == 0
    assert re.search(r"train\.py +\d+% \[#*\.+\] epoch \d/4, step \d+/40, loss \d\.\d+", shown)
    lines = [line.rpartition("\x1b[K")[2] for line in shown.replace("\r\n", "\n").split("\n")]
    assert lines[:4] == ["epoch 1", "epoch 2", "epoch 3", "epoch 4"]
    assert re.fullmatch(r"train\.py: completed after .* loss 0\.025", lines[4])


def test_the_bar_makes_room_for_a_bar_of_the_script(tmp_path: Path) -> None:
    source = """
    import sys, time
    for n in range(8):
        sys.stderr.write(f"\\rmine {n}")
        time.sleep(0.1)
    sys.stderr.write("\\n")
    """
    process, terminal = in_terminal(tmp_path, source)
    shown = read_until(terminal, "never")
    os.close(terminal)
    assert process.wait(60) == 0
    assert "".join(f"\rmine {n}" for n in range(8)) in shown


@pytest.mark.parametrize("second", [False, True])
def test_ctrl_c_interrupts_the_script(tmp_path: Path, second: bool) -> None:
    source = """
    import time
    try:
        print("ready", flush=True)
        time.sleep(60)
    except KeyboardInterrupt:
        print("saving", flush=True)
        time.sleep(60 if SECOND else 0)
    """.replace("SECOND", str(second))
    process, terminal = in_terminal(tmp_path, source)
    read_until(terminal, "ready")
    process.send_signal(signal.SIGINT)
    shown = read_until(terminal, "saving")
    if second:
        process.send_signal(signal.SIGINT)
    shown += read_until(terminal, "never")
    os.close(terminal)
    assert process.wait(60) == 130
    assert "train.py: stopped after" in shown
