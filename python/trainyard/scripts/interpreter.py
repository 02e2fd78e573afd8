"""The interpreter of a script, and whether the packages that the script requires are installed there."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

from trainyard.scripts.source import UnusableScriptError

_MIN_VERSION = (3, 10)


@dataclass(frozen=True)
class Interpreter:
    """A Python interpreter, and where it finds packages."""

    path: str
    version: str | None
    """None if it can only be found by running it."""
    site_packages: tuple[str, ...] | None
    """None: those of this process."""

    @property
    def is_own(self) -> bool:
        """Whether it is the interpreter of this process."""
        return self.site_packages is None and self.path == sys.executable


OWN = Interpreter(sys.executable, platform.python_version(), None)
"""The interpreter of this process."""


def find_interpreter(script_folder: Path, trainers_folder: Path, named: str | None) -> Interpreter:
    """Return the interpreter of a script: the one that its metadata names, else a ``.venv`` next to it, else our own.

    The interpreter is not run: its version and its packages are read from files.

    Args:
        script_folder: folder of the script.
        trainers_folder: the folder with all trainers; its ``.venv`` is for all scripts that have none of their own.
        named: path from the metadata, relative to ``script_folder``; None if there is none.

    Raises:
        UnusableScriptError: the interpreter does not exist, or is too old.
    """
    if named is not None:
        path = Path(os.path.normpath(script_folder / Path(named).expanduser()))
        if path.is_dir():
            path = path / "bin" / "python"
        return _checked(path)
    for folder in dict.fromkeys((script_folder, trainers_folder)):
        if (folder / ".venv" / "pyvenv.cfg").is_file():
            return _checked(folder / ".venv" / "bin" / "python")
    return OWN


def missing_requirements(
    requirements: tuple[str, ...], requires_python: str | None, interpreter: Interpreter
) -> tuple[list[str], dict[str, str]]:
    """Compare PEP 508 requirements with what is installed for an interpreter.

    Versions are compared if ``packaging`` can be imported; otherwise only names are.

    Returns:
        The requirements that are not met, and the versions of the packages that are installed.

    Raises:
        UnusableScriptError: the script requires another version of Python, or a requirement is not valid.
    """
    try:
        from packaging.requirements import InvalidRequirement, Requirement
        from packaging.specifiers import InvalidSpecifier, SpecifierSet
    except ImportError:
        return _missing_names(requirements, interpreter)
    version = interpreter.version
    try:
        if requires_python and version and not SpecifierSet(requires_python).contains(version, prereleases=True):
            raise UnusableScriptError(f"The script requires Python {requires_python}; {interpreter.path} is {version}.")
        parsed = [(text, Requirement(text)) for text in requirements]
    except (InvalidRequirement, InvalidSpecifier) as error:
        raise UnusableScriptError(f"Its metadata has a requirement that is not valid: {error}.") from error
    environment = {"python_full_version": version, "python_version": _minor(version)} if version else {}
    missing: list[str] = []
    found: dict[str, str] = {}
    for text, requirement in parsed:
        if requirement.marker is not None and not requirement.marker.evaluate(environment):
            continue
        installed = _installed_version(requirement.name, interpreter)
        if installed is not None:
            found[requirement.name] = installed
        if not _is_ours(requirement.name) and (
            installed is None or not requirement.specifier.contains(installed, prereleases=True)
        ):
            missing.append(text)
    return missing, found


def install_command(requirements: list[str], interpreter: Interpreter) -> str:
    """Return the shell command that installs requirements for an interpreter."""
    return shlex.join([interpreter.path, "-m", "pip", "install", *requirements])


def _missing_names(requirements: tuple[str, ...], interpreter: Interpreter) -> tuple[list[str], dict[str, str]]:
    missing: list[str] = []
    found: dict[str, str] = {}
    for text in requirements:
        name = re.match(r"\s*([A-Za-z0-9._-]+)", text)
        if name is None or ";" in text:  # without `packaging`, a marker cannot be evaluated
            continue
        installed = _installed_version(name[1], interpreter)
        if installed is not None:
            found[name[1]] = installed
        elif not _is_ours(name[1]):
            missing.append(text)
    return missing, found


def _is_ours(name: str) -> bool:
    """Whether a requirement is this package, which every script can import."""
    return name.lower() == "trainyard"


def _installed_version(name: str, interpreter: Interpreter) -> str | None:
    try:
        if interpreter.site_packages is None:
            return importlib.metadata.version(name)
        found = importlib.metadata.distributions(name=name, path=list(interpreter.site_packages))
        return next((distribution.version for distribution in found), None)
    except (importlib.metadata.PackageNotFoundError, OSError, ValueError, KeyError):
        return None


def _checked(path: Path) -> Interpreter:
    if not path.is_file() or not os.access(path, os.X_OK):
        raise UnusableScriptError(f"Its Python {path} cannot be executed: create the environment again.")
    if os.path.realpath(path) == os.path.realpath(sys.executable) and not (path.parent.parent / "pyvenv.cfg").is_file():
        return OWN
    if str(path.parent.parent) == sys.prefix:
        return Interpreter(sys.executable, OWN.version, None)
    version, sites = _environment(path.parent.parent)
    numbers = re.match(r"(\d+)\.(\d+)", version or "")
    if numbers and (int(numbers[1]), int(numbers[2])) < _MIN_VERSION:
        raise UnusableScriptError(f"Its Python {path} is {version}: use Python 3.10 or newer.")
    return Interpreter(str(path), version, sites)


def _environment(prefix: Path) -> tuple[str | None, tuple[str, ...]]:
    """Return version and package folders of a virtual environment, or of another installation."""
    try:
        text = (prefix / "pyvenv.cfg").read_text(encoding="utf-8", errors="replace")[:10_000]
    except OSError:
        text = ""
    pairs = (line.partition("=") for line in text.splitlines())
    settings = {key.strip().lower(): value.strip() for key, _, value in pairs}
    # `version` is from venv, `version_info` from virtualenv and uv.
    version = settings.get("version") or ".".join(settings.get("version_info", "").split(".")[:3]) or None
    prefixes = [prefix]
    if settings.get("include-system-site-packages", "").lower() == "true" and settings.get("home"):
        prefixes.append(Path(settings["home"]).parent)
    sites: list[str] = []
    for folder in prefixes:
        for pattern in ("lib/python3*/site-packages", "lib/python3*/dist-packages", "lib/python3/dist-packages"):
            sites.extend(str(site) for site in sorted(folder.glob(pattern)))
    if version is None and sites:
        numbers = re.search(r"python(3\.\d+)", sites[0])
        version = numbers[1] if numbers else None
    return version, tuple(sites)


def _minor(version: str) -> str:
    return ".".join(version.split(".")[:2])
