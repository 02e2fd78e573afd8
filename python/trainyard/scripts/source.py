"""Read the source of a script without running it."""

from __future__ import annotations

import ast
import io
import os
import stat
import tokenize
import warnings
from dataclasses import dataclass
from pathlib import Path

MAX_SCRIPT_BYTES = 1 << 20
"""Maximum size of a script file."""


class UnusableScriptError(Exception):
    """A script cannot be a trainer. The message is a sentence with the file, the line if known, and the reason."""

    is_for_users = True


@dataclass(frozen=True)
class Source:
    """Text and syntax tree of a script."""

    text: str
    """With ``\\n`` as line ends."""
    tree: ast.Module


def read_source(path: Path, shown: str) -> Source:
    """Read and parse a script.

    Args:
        path: the file.
        shown: name of the file in messages.

    Raises:
        UnusableScriptError: the file cannot be read, is not a regular file, is too large, or is not valid Python.
    """
    data = _read_bytes(path, shown)
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        text = io.TextIOWrapper(io.BytesIO(data), encoding, newline=None).read()
    except (SyntaxError, UnicodeError, LookupError) as error:
        raise UnusableScriptError(f"{shown}{_line_of(data)} cannot be decoded: {error}. Save it as UTF-8.") from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # such as an invalid escape sequence
            return Source(text, ast.parse(data, shown))
    except SyntaxError as error:
        line = f", line {error.lineno}" if error.lineno else ""
        raise UnusableScriptError(f"{shown}{line}: {type(error).__name__}: {_ended(error.msg)}") from error
    except (MemoryError, RecursionError) as error:
        raise UnusableScriptError(f"{shown} is nested too deeply to be read.") from error
    except ValueError as error:  # a NUL byte, or an integer with thousands of digits
        raise UnusableScriptError(f"{shown} is not valid Python: {error}.") from error


def _ended(text: str) -> str:
    """Return a message of Python, which can be a question, with a punctuation mark at its end."""
    return text if text.endswith((".", "?")) else f"{text}."


def _line_of(data: bytes) -> str:
    """Return the line of the first byte that is not UTF-8, for a message; empty if all are."""
    try:
        data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return f", line {line},"
    return ""


def _read_bytes(path: Path, shown: str) -> bytes:
    try:
        # Without O_NONBLOCK, opening a FIFO would block.
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(fd, "rb") as file:
            if not stat.S_ISREG(os.fstat(fd).st_mode):
                raise UnusableScriptError(f"{shown} is not a regular file.")
            data = file.read(MAX_SCRIPT_BYTES + 1)
    except OSError as error:
        raise UnusableScriptError(f"{shown} cannot be read: {error.strerror or error}.") from error
    if len(data) > MAX_SCRIPT_BYTES:
        raise UnusableScriptError(f"{shown} is larger than 1 MiB: move data and large tables to other files.")
    return data
