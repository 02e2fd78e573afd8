"""What the supervisor itself has to say, which is only trouble."""

from __future__ import annotations

import os
import time
from contextlib import suppress

from trainyard.log_lines import LogLines


def complain(text: str) -> None:
    """Write a sentence to standard error, as a log record: the runner points it at the log of the job."""
    with suppress(OSError):  # there may be nobody to tell; supervising goes on
        os.write(2, LogLines("stderr").feed(f"trainyard: {text}\n".encode(), time.time()))
