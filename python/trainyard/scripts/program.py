"""Run a script in this process as the program, as ``python script.py`` does."""

from __future__ import annotations

import argparse
import ast
import builtins
import importlib
import importlib.machinery
import importlib.util
import os
import sys
import types
from dataclasses import replace
from pathlib import Path

import trainyard
from trainyard.failure import text_of
from trainyard.scripts.folder import Script
from trainyard.scripts.program_end import wait_for_children


class ScriptExitError(Exception):
    """A script ended on its own with an exit code other than 0. The message is for users."""

    is_for_users = True

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


def run_program(script: Script, arguments: list[str]) -> None:
    """Run a script to its end, including its threads and child processes that Python waits for.

    It gets its own ``__main__`` module, ``sys.argv`` and first entry of ``sys.path``. Processes that it spawns with
    ``multiprocessing`` import it again, as they do without Trainyard.

    Args:
        script: has a path.
        arguments: its command line, without its name.

    Raises:
        SystemExit: the script called ``sys.exit``.
        BaseException: the script raised it. The traceback starts in the script.
    """
    path = script.path
    assert path is not None
    pid = os.getpid()
    _prepare_imports(script)
    package = _package_of(path) if script.module is None else None
    if package is not None:
        script = replace(script, module=package)
    sys.argv = [str(path), *arguments]
    if script.function is not None and script.module is not None:
        module = importlib.import_module(script.module)
        code = getattr(module, script.function)()
        if code is not None:
            sys.exit(code)
    else:
        _run_main(script, path)
    wait_for_children(pid)


def exit_code(code: object) -> int:
    """Return the exit code that Python uses for ``sys.exit(code)``."""
    if code is None:
        return 0
    return code & 0xFF if isinstance(code, int) else 1


def describe_exit(error: SystemExit) -> str:
    """Return why a script exited, as a message for users: its text, the error message of ``argparse``, or the code."""
    text = "" if error.code is None or isinstance(error.code, int) else text_of(error.code).strip()
    return text or _argparse_message(error) or f"The script exited with code {exit_code(error.code)}; see its log."


def _argparse_message(error: SystemExit) -> str | None:
    """Return the message and the usage line if ``ArgumentParser.error`` raised the exit."""
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if code.co_filename == argparse.__file__ and code.co_name == "error":
            values = trace.tb_frame.f_locals
            try:
                usage = " ".join(values["self"].format_usage().split())
                return f"{values['message']}. {usage[:1].upper()}{usage[1:]}"
            except Exception:  # a subclass can do anything
                return None
        trace = trace.tb_next
    return None


def _prepare_imports(script: Script) -> None:
    package_folder = str(Path(trainyard.__file__).resolve().parents[1])
    if not getattr(sys.flags, "safe_path", False) and sys.path:
        del sys.path[0]  # `python -m` puts the current folder there
    if script.module is None:
        assert script.path is not None
        sys.path.insert(0, str(script.path.parent))
    # Children import the package too, for example for a reporter of their own.
    if not any(os.path.isfile(os.path.join(entry, "trainyard", "__init__.py")) for entry in sys.path):
        sys.path.append(package_folder)


def _package_of(path: Path) -> str | None:
    """Return the name of the ``__main__`` module of a folder whose code imports relatively, as ``python -m`` runs it.

    The folder above it is at the end of ``sys.path`` from then on, also in processes that it spawns.

    Raises:
        ImportError: another module has the name of the folder.
    """
    folder = path.parent
    if path.name != "__main__.py" or not _imports_relatively(path):
        return None
    name = f"{folder.name}.__main__"
    sys.path.append(str(folder.parent))
    try:
        spec = importlib.util.find_spec(name)
    except ModuleNotFoundError:  # a module of this name is no package, or lacks the module
        spec = None
    if spec is None or spec.origin != str(path):
        raise ImportError(
            f"{path} imports relatively, but Python has another module {folder.name!r}: rename the folder."
        )
    return name


def _imports_relatively(path: Path) -> bool:
    nodes = ast.walk(ast.parse(path.read_bytes(), str(path)))
    return any(isinstance(node, ast.ImportFrom) and node.level > 0 for node in nodes)


def _run_main(script: Script, path: Path) -> None:
    main = types.ModuleType("__main__")
    main.__dict__.update(__builtins__=builtins, __file__=str(path), __cached__=None)
    if script.module is None:
        # Without a spec, `multiprocessing` finds the script by its file.
        main.__loader__ = importlib.machinery.SourceFileLoader("__main__", str(path))
        code = compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
    else:
        spec = importlib.util.find_spec(script.module)
        loaded = spec.loader.get_code(script.module) if spec and hasattr(spec.loader, "get_code") else None  # type: ignore[union-attr]
        if spec is None or loaded is None:
            raise ImportError(f"The module {script.module} cannot be loaded.")
        code = loaded
        main.__spec__, main.__loader__, main.__package__ = spec, spec.loader, spec.parent
    sys.modules["__main__"] = main
    exec(code, main.__dict__)
