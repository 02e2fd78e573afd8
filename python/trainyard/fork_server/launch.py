"""A launch that a runner requested."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from trainyard.files import Home

_JOB_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")


class InvalidLaunchError(Exception):
    """The request does not have the form of a launch."""


@dataclass(frozen=True)
class Launch:
    """The attempt of a job whose supervisor is to be forked."""

    job_id: str
    attempt: int
    environment: Mapping[str, str]
    """Added to that of the fork server, for the supervisor and so for the trainer."""

    @staticmethod
    def read(request: Mapping[str, Any]) -> Launch:
        """Check a request.

        Raises:
            InvalidLaunchError: it is not one.
        """
        job_id, attempt, environment = (request.get(key) for key in ("job_id", "attempt", "environment"))
        if not isinstance(job_id, str) or not _JOB_ID.fullmatch(job_id):
            raise InvalidLaunchError("job_id")
        if not isinstance(attempt, int) or isinstance(attempt, bool) or attempt < 1:
            raise InvalidLaunchError("attempt")
        if not isinstance(environment, dict) or not all(_is_variable(*item) for item in environment.items()):
            raise InvalidLaunchError("environment")
        return Launch(job_id, attempt, environment)

    def open_log(self, home: Home) -> int:
        """Open the log of the job, which receives the output of the supervisor itself.

        Raises:
            OSError: it cannot be opened.
        """
        return os.open(home.log(self.job_id), os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _is_variable(name: object, value: object) -> bool:
    if not isinstance(name, str) or not isinstance(value, str):
        return False
    return name != "" and not {"=", "\0"} & set(name) and "\0" not in value
