"""The end of a script: what Python does before a process exits, done while the job can still report it."""

from __future__ import annotations

import atexit
import ctypes
import os
import sys
import threading
from contextlib import suppress
from typing import NoReturn

from trainyard.scripts.free_script import free_script


def wait_for_children(parent: int) -> None:
    """Wait for threads and child processes as Python does before it exits, so that the job ends after them.

    Args:
        parent: pid of the process that started the script. A forked child has no children of its own here.
    """
    # First, as Python does: the idle threads of an executor wait for this call.
    calls = getattr(threading, "_threading_atexits", [])
    while calls:
        calls.pop()()
    own = threading.current_thread()
    while waiting := [thread for thread in threading.enumerate() if thread is not own and not thread.daemon]:
        for thread in waiting:
            thread.join()
    processes = sys.modules.get("multiprocessing.process")
    for child in processes.active_children() if processes is not None and os.getpid() == parent else []:
        if not child.daemon:
            child.join()


def run_exit_functions() -> None:
    """Call what the script has registered with ``atexit``: it may print numbers, or save a model."""
    atexit._run_exitfuncs()


def end_process(code: int) -> NoReturn:
    """End a process whose script has ended, without the end of Python. Call it after ``run_exit_functions``.

    PyTorch starts threads for Gloo and NCCL that native destructors sometimes find running: the process then aborts
    after a complete training, and the job of all processes would fail.
    """
    with suppress(Exception):  # whatever objects of the script do, it has ended
        free_script()
    for stream in (sys.stdout, sys.stderr):
        with suppress(Exception):  # closed, or a full disk
            stream.flush()
    with suppress(Exception):
        ctypes.CDLL(None).fflush(None)  # output of native libraries
    os._exit(code)
