"""Find the settings that a script accepts, from its metadata and its syntax tree. The script is not run."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from pathlib import Path

from trainyard.scripts.argparse_options import read_command_line
from trainyard.scripts.folder import Script
from trainyard.scripts.interpreter import OWN, Interpreter, find_interpreter
from trainyard.scripts.metadata import Metadata, read_metadata
from trainyard.scripts.option import Option
from trainyard.scripts.source import UnusableScriptError, read_source
from trainyard.scripts.standard import SETTINGS, match_settings, output_option, resume_option
from trainyard.scripts.template import placeholders

MAX_DESCRIPTION = 2_000
"""Maximum length of a description."""

_DEFINITIONS = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Pass)


@dataclass(frozen=True)
class Declared:
    """The description of a script by its source."""

    metadata: Metadata
    settings: dict[str, Option]
    """Options that take the standard settings."""
    options: list[Option]
    """All others."""
    description: str
    is_program: bool
    """False for a module that only defines functions and classes, for other scripts."""


@dataclass(frozen=True)
class Accepted(Declared):
    """The settings that a script accepts, and the interpreter that runs it."""

    interpreter: Interpreter


def read_script(script: Script, folder: Path | None) -> Accepted:
    """Find the settings that a script accepts, and the interpreter that runs it.

    Args:
        folder: the folder with all trainers. Default: that of the script.

    Raises:
        UnusableScriptError: it cannot be used; the message says why.
    """
    declared = read_declared(script)
    return Accepted(**vars(declared), interpreter=interpreter_of(script, folder, declared.metadata.python))


def interpreter_of(script: Script, folder: Path | None, named: str | None) -> Interpreter:
    """Return the interpreter of a script: see ``find_interpreter``.

    Args:
        named: path of an interpreter in the metadata.

    Raises:
        UnusableScriptError: the interpreter does not exist, or is too old.
    """
    if script.source == "PACKAGE" or script.path is None:
        return OWN
    return find_interpreter(script.path.parent, folder or script.path.parent, named)


def read_declared(script: Script) -> Declared:
    """Read the source of a script.

    Raises:
        UnusableScriptError: the script cannot be found, read or understood.
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
    return Declared(
        metadata,
        settings,
        others,
        _description(metadata, command_line.description, command_line.reason, source.tree),
        _is_program(source.tree),
    )


def accepted_settings(accepted: Declared) -> list[str]:
    """Return the standard settings that a script accepts: those with an option, or in its template."""
    named = placeholders(accepted.metadata.arguments or ())
    return [name for name in SETTINGS if name in accepted.settings or name in named]


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
    return " ".join(filter(None, [text, reason]))[:MAX_DESCRIPTION]


def _first_paragraph(docstring: str | None) -> str:
    return " ".join((docstring or "").strip().split("\n\n")[0].split())


def _is_program(tree: ast.Module) -> bool:
    """Whether running the file does more than define names."""
    return any(_acts(statement) for statement in tree.body)


def _acts(statement: ast.stmt) -> bool:
    if isinstance(statement, _DEFINITIONS):
        return False
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):  # a docstring
        return False
    if isinstance(statement, (ast.Assign, ast.AnnAssign)):
        return any(isinstance(node, ast.Call) for node in ast.walk(statement))
    return True
