"""The end of a forked trainer."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import atexit, ctypes, sys, threading, time
from trainyard.fork_server.quick_exit import QuickExit

quick_exit = QuickExit()

class Memory:
    def __del__(self):
        print("memory freed", flush=True)

memory = Memory()
memory.itself = memory
atexit.register(print, "exit handler")
threading.Thread(target=lambda: (time.sleep(0.2), print("thread"))).start()
ctypes.CDLL(None).printf(b"native output\\n")
"""


def run(last_line: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", PROGRAM + last_line]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_threads_handlers_and_output_are_complete_and_no_memory_is_freed() -> None:
    ended = run("sys.exit(quick_exit.prepare(3))")
    assert sorted(ended.stdout.splitlines()) == ["exit handler", "native output", "thread"]
    assert (ended.returncode, ended.stderr) == (3, "")


@pytest.mark.parametrize(("last_line", "code"), [("sys.exit(4)", 4), ("raise ValueError('wrong')", 1)])
def test_any_other_end_is_that_of_python(last_line: str, code: int) -> None:
    ended = run(last_line)
    assert sorted(ended.stdout.splitlines()) == ["exit handler", "memory freed", "native output", "thread"]
    assert ended.returncode == code
    assert ("ValueError: wrong" in ended.stderr) == (code == 1)


def test_finalizers_of_libraries_are_skipped_and_later_ones_are_called() -> None:
    program = """
import sys, weakref
from trainyard.fork_server.quick_exit import skip_finalizers

class Library:
    pass

library, own = Library(), Library()
weakref.finalize(library, print, "library")
skip_finalizers()
weakref.finalize(own, print, "own")
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    assert (ended.stdout, ended.stderr, ended.returncode) == ("own\n", "", 0)
