"""Describe a script as a trainer: what it accepts, and whether it can run here. Scripts are never run for it."""

from __future__ import annotations

import ast
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from trainyard.scripts.argparse_options import read_command_line
from trainyard.scripts.folder import Script, find_scripts
from trainyard.scripts.interpreter import OWN, Interpreter, find_interpreter, install_command, missing_requirements
from trainyard.scripts.metadata import Metadata, read_metadata
from trainyard.scripts.option import Option, options_schema
from trainyard.scripts.source import UnusableScriptError, read_source
from trainyard.scripts.standard import SETTINGS, default_of, match_settings, output_option, resume_option
from trainyard.scripts.template import placeholders

MAX_SECONDS = 12.0
"""Maximum time to read all scripts; later ones are listed as unavailable."""

_MAX_DESCRIPTION = 2_000
_MAX_SCRIPT_BYTES = 1 << 18
_MAX_BYTES = 1 << 23
"""Maximum size of all descriptions: the server reads at most 16 MiB."""



@dataclass(frozen=True)
class Accepted:
    """What a script accepts."""

    metadata: Metadata
    settings: dict[str, Option]
    """Options that take the standard settings."""
    options: list[Option]
    """All others."""
    description: str
    interpreter: Interpreter
    is_program: bool
    """False for a module that only defines functions and classes, for other scripts."""


def describe_scripts(folder: Path | None) -> Iterator[dict[str, Any]]:
    """Yield the description of every script in a folder and of installed packages.

    A script with a problem is described as unavailable, and affects no other.
    """
    deadline = time.monotonic() + MAX_SECONDS
    left = _MAX_BYTES
    for script in find_scripts(folder):
        if time.monotonic() > deadline:
            late = f"Not read: reading the scripts took longer than {MAX_SECONDS:.0f} s. Move some of them away."
            yield _unavailable(script, late)
            continue
        description = describe_script(script, folder)
        if description is not None:
            size = len(json.dumps(description))
            if size > min(_MAX_SCRIPT_BYTES, left):
                yield _unavailable(script, "Its options are too long to be listed: shorten texts and lists of choices.")
                continue
            left -= size
            yield description


def describe_script(script: Script, folder: Path | None) -> dict[str, Any] | None:
    """Describe one script; None if it is a module for other scripts, which does nothing when it is run."""
    try:
        accepted = read_script(script, folder)
        if not accepted.is_program and script.source == "FOLDER":
            return None
        missing, versions = missing_requirements(
            accepted.metadata.dependencies, accepted.metadata.requires_python, accepted.interpreter
        )
    except UnusableScriptError as error:
        return _unavailable(script, str(error))
    except Exception as error:  # one script must not hide the others
        return _unavailable(script, f"{script.shown} cannot be described: {type(error).__name__}: {error}")
    reason = None
    if missing:
        reason = f"Missing packages. Install them with: {install_command(missing, accepted.interpreter)}"
    settings, metadata = accepted.settings, accepted.metadata
    defaults = {name: default_of(name, settings[name]) if name in settings else None for name in _DEFAULTS}
    return {
        "name": script.name,
        "title": metadata.title or script.name,
        "description": accepted.description,
        "source": script.source,
        "available": reason is None,
        "unavailable_reason": reason,
        "backends": [],
        "defaults": defaults,
        "settings": accepted_settings(accepted),
        "accepts_arguments": True,
        "options": options_schema(accepted.options),
        "versions": {"python": accepted.interpreter.version or "", **versions},
    }


def read_script(script: Script, folder: Path | None) -> Accepted:
    """Find out what a script accepts, from its metadata and its syntax tree.

    Raises:
        UnusableScriptError: it cannot be used; the message says why.
    """
    if script.path is None:
        raise UnusableScriptError(script.problem or f"{script.shown} cannot be found.")
    source = read_source(script.path, script.shown)
    metadata = read_metadata(source.text, script.shown)
    command_line = read_command_line(source.tree)
    found = list(command_line.options)
    options = found if metadata.options is None else [_as_defined(option, found) for option in metadata.options]
    settings = match_settings(options)
    others = [option for option in options if option not in settings.values()]
    for filled, folder_text in ((output_option(others), "the output folder of the job"), (resume_option(others), None)):
        if filled is not None and filled.kind == "value":
            others[others.index(filled)] = _filled(filled, folder_text)
    home = folder or script.path.parent
    return Accepted(
        metadata,
        settings,
        others,
        _description(metadata, command_line.description, command_line.reason, source.tree),
        OWN if script.source == "PACKAGE" else find_interpreter(script.path.parent, home, metadata.python),
        _is_program(source.tree),
    )


def accepted_settings(accepted: Accepted) -> list[str]:
    """Return the standard settings that a script accepts: those with an option, or in its template."""
    named = placeholders(accepted.metadata.arguments or ())
    return [name for name in SETTINGS if name in accepted.settings or name in named]


_DEFINITIONS = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Pass)
_DEFAULTS = ("epochs", "batch_size", "learning_rate", "seed")


def _as_defined(option: Option, found: list[Option]) -> Option:
    """Return an option of the metadata, passed in the way that the script's parser expects."""
    parsed = next((other for other in found if other.name == option.name or set(other.flags) & set(option.flags)), None)
    if parsed is None:
        return option
    return replace(parsed, name=option.name, schema={**parsed.schema, **option.schema}, required=option.required)


def _filled(option: Option, folder_text: str | None) -> Option:
    """Return an option that Trainyard fills in: its own default does not apply, and it is not required."""
    schema = {key: value for key, value in option.schema.items() if key != "default"}
    note = f"Default: {folder_text}." if folder_text else "Set automatically when the job is resumed."
    schema["description"] = " ".join(filter(None, [schema.get("description"), note]))
    return replace(option, schema=schema, required=False)


def _description(metadata: Metadata, parser: str | None, reason: str | None, tree: ast.Module) -> str:
    text = metadata.description or parser or _first_paragraph(ast.get_docstring(tree))
    return " ".join(filter(None, [text, reason]))[:_MAX_DESCRIPTION]


def _first_paragraph(docstring: str | None) -> str:
    return " ".join((docstring or "").strip().split("\n\n")[0].split())


def _is_program(tree: ast.Module) -> bool:
    """Whether running the file does more than to define names."""
    return any(_acts(statement) for statement in tree.body)


def _acts(statement: ast.stmt) -> bool:
    if isinstance(statement, _DEFINITIONS):
        return False
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):  # a docstring
        return False
    if isinstance(statement, (ast.Assign, ast.AnnAssign)):
        return any(isinstance(node, ast.Call) for node in ast.walk(statement))
    return True


def _unavailable(script: Script, reason: str) -> dict[str, Any]:
    return {
        "name": script.name,
        "title": script.name,
        "description": "",
        "source": script.source,
        "available": False,
        "unavailable_reason": reason[:_MAX_DESCRIPTION],
        "backends": [],
        "defaults": dict.fromkeys(_DEFAULTS),
        "settings": [],
        "accepts_arguments": True,
        "options": {"type": "object"},
        "versions": {},
    }
