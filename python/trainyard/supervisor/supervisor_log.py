"""Log the supervisor's own errors."""

from __future__ import annotations

import os
import time
from contextlib import suppress

from trainyard.logs.log_lines import LogLines


def log_error(text: str) -> None:
    """Write a log record to standard error, which the runner redirects to the log of the job."""
    with suppress(OSError):  # if standard error is broken, the supervisor continues
        os.write(2, LogLines("stderr").feed(f"trainyard: {text}\n".encode(), time.time()))
