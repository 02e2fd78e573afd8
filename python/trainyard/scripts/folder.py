"""Find the scripts that are trainers: in a folder, and in installed packages."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from trainyard.trainers import RESERVED_NAMES

MAX_SCRIPTS = 1_000
"""Maximum number of scripts that are listed, in the order of their names."""

ENTRY_POINT_GROUP = "trainyard.trainers"
"""Entry points with which an installed package adds trainers."""

_MAX_ENTRIES = 100_000
_MAX_NAME = 100
_TESTS = ("test_", "conftest")


@dataclass(frozen=True)
class Script:
    """A script that is a trainer, or that would be one if it had no problem."""

    name: str
    path: Path | None
    """The file to run; None if it cannot be found."""
    shown: str
    """Name in messages, relative to the folder."""
    source: str = "FOLDER"
    """FOLDER or PACKAGE."""
    module: str | None = None
    """Full name of the module, for a package; None for a file of the folder."""
    function: str | None = None
    """Function of the module that an entry point names; None: the module is run."""
    problem: str | None = None
    """Why it cannot be used, as a sentence."""


def find_scripts(folder: Path | None) -> list[Script]:
    """Return the scripts of a folder and of installed packages, without running or importing any of them.

    In a folder, each file ``NAME.py`` and each folder with a ``__main__.py`` is the trainer ``NAME``. Hidden names,
    names that start with an underscore, ``test_*.py`` and ``conftest.py`` are not trainers.

    Args:
        folder: the folder; None or a folder that does not exist contains no scripts.
    """
    scripts = list(islice(_in_folder(folder), MAX_SCRIPTS)) if folder is not None else []
    taken = {script.name for script in scripts} | set(RESERVED_NAMES)
    for script in islice(_in_packages(), MAX_SCRIPTS):
        if script.name in taken:
            problem = f"Another trainer has the name {script.name}: rename one of them."
            name = f"{script.name} ({script.shown})"[:_MAX_NAME]
            script = Script(name, None, script.shown, "PACKAGE", problem=problem)
        if script.name not in taken:
            taken.add(script.name)
            scripts.append(script)
    return scripts


def _in_folder(folder: Path) -> Iterator[Script]:
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in islice(entries, _MAX_ENTRIES) if _is_candidate(entry))
    except OSError:
        return
    root = os.path.realpath(folder)
    stems: dict[str, list[str]] = {}
    for name in names:
        stems.setdefault(name.removesuffix(".py"), []).append(name)
    for stem, sharing in stems.items():
        script = _script(folder, root, stem, sharing[0])
        if len(sharing) > 1:
            problem = f"{' and '.join(sharing)} have the same name: rename one of them."
            script = Script(stem, None, script.shown, problem=problem)
        elif stem in RESERVED_NAMES:
            problem = f"{stem} is the name of a trainer of Trainyard: rename {script.shown}."
            script = Script(f"{stem}.py", None, script.shown, problem=problem)
        yield script


def _is_candidate(entry: os.DirEntry[str]) -> bool:
    name = entry.name
    if name.startswith((".", "_", *_TESTS)):
        return False
    # A broken link, a FIFO or a socket with this suffix is listed with its problem.
    try:
        is_folder = entry.is_dir()
    except OSError:
        is_folder = False
    return os.path.lexists(os.path.join(entry.path, "__main__.py")) if is_folder else name.endswith(".py")


def _script(folder: Path, root: str, stem: str, name: str) -> Script:
    is_folder = (folder / name).is_dir()
    shown = f"{name}/__main__.py" if is_folder else name
    path = folder / shown
    if not stem or len(stem) > _MAX_NAME or not stem.isprintable():
        readable = stem.encode("unicode_escape", "surrogateescape").decode("ascii", "replace")[:_MAX_NAME]
        problem = "Its name has more than 100 characters, or characters that cannot be shown: rename it."
        return Script(readable, None, readable, problem=problem)
    real = os.path.realpath(path)
    if os.path.commonpath([real, root]) != root:
        problem = f"{shown} is a link to a file outside the folder: copy the file there."
        return Script(stem, None, shown, problem=problem)
    if not os.path.exists(real):
        return Script(stem, None, shown, problem=f"{shown} is a link to a file that does not exist.")
    return Script(stem, path, shown)


def _in_packages() -> Iterator[Script]:
    for point in sorted(importlib.metadata.entry_points(group=ENTRY_POINT_GROUP), key=lambda point: point.name):
        shown = f"{point.module} of {point.dist.name}" if point.dist else point.module
        path = _module_file(point.module)
        if path is None:
            problem = f"The module {point.module} cannot be found: install the package again."
            yield Script(point.name, None, shown, "PACKAGE", problem=problem)
        else:
            module = f"{point.module}.__main__" if path.name == "__main__.py" else point.module
            yield Script(point.name, path, shown, "PACKAGE", module, point.attr or None)


def _module_file(name: str) -> Path | None:
    """Return the source file of a module, or the ``__main__.py`` of a package, without importing its parents."""
    top, *parts = name.split(".")
    try:
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError):
        return None
    if spec is None:
        return None
    if spec.submodule_search_locations is None:
        return Path(spec.origin) if spec.origin and not parts else None
    for location in spec.submodule_search_locations:
        path = Path(location, *parts)
        for file in (path / "__main__.py", path / "__init__.py", path.parent / f"{path.name}.py"):
            if file.is_file():
                return file
    return None
