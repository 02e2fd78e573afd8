"""The processes that a script has started with ``multiprocessing``."""

from __future__ import annotations

import sys
import time

_SECONDS_TO_END = 2.0
"""Time for the processes of a stopped script to end on their own, for example while one saves a checkpoint."""


def end_children() -> None:
    """Terminate the processes of a stopped script; Python would wait for them at its end, without a limit."""
    processes = sys.modules.get("multiprocessing.process")  # a script that did not import it has none
    if processes is None:
        return
    deadline = time.monotonic() + _SECONDS_TO_END
    for child in processes.active_children():
        child.join(max(0.0, deadline - time.monotonic()))
    for child in processes.active_children():
        child.terminate()
