"""The environment of a script: the variables that it gets, and the interpreter that runs it."""

from __future__ import annotations

import os
from pathlib import Path

from trainyard.files import Home
from trainyard.scripts.accepted import Accepted

TRAINERS_FOLDER = "TRAINYARD_TRAINERS"
"""Environment variable with the folder of the scripts. Default: ``trainers`` in the home folder."""

OUTPUT_DIR = "TRAINYARD_OUTPUT_DIR"
"""Environment variable with the output folder of the job. The folder exists when the script starts."""

_LAUNCHED = "TRAINYARD_LAUNCHED"  # pid of the process that already runs under the interpreter of the script

_ONLY_TRAINYARD = Path(__file__).resolve().parent / "importable"


def trainers_folder(home: Home) -> Path:
    """Return the folder with the scripts."""
    named = os.environ.get(TRAINERS_FOLDER)
    return Path(os.path.abspath(named)) if named else home.path / "trainers"


def enter_interpreter(accepted: Accepted, arguments: list[str]) -> None:
    """Continue in the interpreter of a script, with the variables of its metadata; return if this one is right.

    The process stays the same, with its pid, its descriptors and its group. Of our own packages, the other
    interpreter finds only ``trainyard``.

    Args:
        arguments: command line of ``python -m trainyard``.

    Raises:
        OSError: the interpreter cannot be executed.
    """
    interpreter = accepted.interpreter
    variables = accepted.metadata.environment
    if os.environ.get(_LAUNCHED) == str(os.getpid()) or (interpreter.is_own and not variables):
        return
    environment = {**os.environ, **variables, _LAUNCHED: str(os.getpid())}
    if not interpreter.is_own:
        environment["PYTHONPATH"] = _python_path(os.environ.get("PYTHONPATH", ""))
        environment.pop("PYTHONHOME", None)
    os.execve(interpreter.path, [interpreter.path, "-m", "trainyard", *arguments], environment)


def _python_path(inherited: str) -> str:
    """Replace the folder of this package, which can contain all packages of our own interpreter."""
    own = os.path.realpath(_ONLY_TRAINYARD.parents[2])
    others = [entry for entry in inherited.split(os.pathsep) if entry and os.path.realpath(entry) != own]
    return os.pathsep.join([str(_ONLY_TRAINYARD), *others])
