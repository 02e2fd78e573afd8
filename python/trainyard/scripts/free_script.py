"""The objects of a script at the end of its process."""

from __future__ import annotations

import gc
import io
import os
import sys
import sysconfig
import weakref
from contextlib import suppress
from types import ModuleType

_FILES = (io.TextIOWrapper, io.BufferedWriter, io.BufferedRandom)
_INSTALLED = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}")


class _Mark:
    """Is alive while the namespace that contains it is."""


def free_script() -> bool:
    """Finalize the objects of the script as Python does at its exit, but leave those of the libraries to the kernel.

    Python would free all modules piece by piece, which takes 1.1 s of CPU time with PyTorch and Transformers, and the
    job has not ended before. The libraries have nothing to save: they have called their exit functions. Objects of the
    script may have: a file that is not closed, or a ``__del__``. So they are freed first. If anything still refers to
    the script, such as a thread, Python ends as usual.

    Call it when the script and its exit functions have ended. Later code must not need ``__main__``.

    Returns:
        Whether the libraries are left to the kernel.
    """
    folders = _library_folders()
    marks, modules = [], {}
    for name, module in list(sys.modules.items()):
        if name == "__main__" or _is_of_user(module, folders):
            mark = _Mark()
            vars(module)["__trainyard_mark__"] = mark
            marks.append(weakref.ref(mark))
            modules[name] = weakref.ref(module)
            del mark, sys.modules[name]
    del module
    sys.modules["__main__"] = ModuleType("__main__")
    _flush_files()  # collected in any order, a file could lose its text with the buffer below it
    gc.collect()
    if any(mark() is not None for mark in marks):
        alive = {name: found() for name, found in modules.items()}
        sys.modules.update({name: found for name, found in alive.items() if found is not None})
        return False
    gc.freeze()
    return True


def _library_folders() -> tuple[str, ...]:
    """Return the folders of this package and of the standard library."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    return tuple(f"{path}{os.sep}" for path in (package, *map(sysconfig.get_path, ("stdlib", "platstdlib"))))


def _is_of_user(module: object, library_folders: tuple[str, ...]) -> bool:
    """Whether a module is neither part of Python nor of an installed package nor of this one."""
    path = vars(module).get("__file__") if isinstance(module, ModuleType) else None
    if not isinstance(path, str):
        return False
    is_installed = any(folder in path for folder in _INSTALLED)
    return not is_installed and not path.startswith(library_folders)


def _flush_files() -> None:
    """Write the buffers of all open files."""
    for file in gc.get_objects():
        if type(file) in _FILES:
            with suppress(Exception):  # closed, or a full disk
                file.flush()
