"""Import the libraries of the trainers, without anything that a fork could damage: thread, device or random state."""

from __future__ import annotations

import ctypes
import gc
import importlib
import os
import re
import sys
from importlib.util import find_spec, module_from_spec
from types import ModuleType

from trainyard.fork_server.quick_exit import skip_finalizers
from trainyard.provenance import installed_packages
from trainyard.trainers.libraries import inspect_libraries

LIBRARIES = ("numpy", "torch", "safetensors", "polars")
"""Modules of the trainers; those that are installed are imported."""

SUPERVISOR = (
    "trainyard.supervisor.watch",
    "trainyard.supervisor.oom",
    "trainyard.usage.peak_memory",
    "subprocess",
    "resource",
)
"""Modules that a supervisor imports after its first status."""

TRAINERS = (
    *("trainyard.train", "trainyard.trainers.simulation", "trainyard.trainers.tabular"),
    *(
        "trainyard.usage.system_metrics",
        "trainyard.reporter.writer_lock",
        "trainyard.reporter.reporting_role",
        "trainyard.reporter.shared_reporter",
    ),
)
TORCH_TRAINERS = (
    "trainyard.trainers.tabular.attempt",
    "trainyard.trainers.tabular.predict_rows",
    "trainyard.data.block",
    *("numpy.random", "numpy.ma"),  # which NumPy imports when they are used
)

_POLARS_RUNTIMES = ("_polars_runtime_compat", "_polars_runtime_64", "_polars_runtime_32")
_REGISTER = "__register_startup_deps"  # the function of Polars that starts a thread
_MALLOC = "_RJEM_MALLOC_CONF"
_HUGE_PAGE = 2 << 20
_MADV_COLLAPSE = 25  # include/uapi/asm-generic/mman-common.h; since Linux 6.1


class ThreadsError(RuntimeError):
    """A library has started a thread, which a forked process would not have."""


class Preloaded:
    """The imported libraries of the trainers.

    Raises:
        ThreadsError: a thread is left after the import.
        Exception: a library cannot be imported.
    """

    def __init__(self) -> None:
        self._register_polars: object = None
        before = dict(os.environ)
        installed = [name for name in LIBRARIES if find_spec(name) is not None]
        for name in installed:
            if name == "polars":
                self._import_polars()
            else:
                importlib.import_module(name)
        for name in (*SUPERVISOR, *TRAINERS, *(TORCH_TRAINERS if len(installed) == len(LIBRARIES) else ())):
            importlib.import_module(name)
        installed_packages()
        inspect_libraries(LIBRARIES)
        self.main = _main_module()
        self.changed_variables = {name: value for name, value in os.environ.items() if before.get(name) != value}
        """Environment variables that the imports have set. They set them in every trainer."""
        _end_pools()
        threads = os.listdir("/proc/self/task")
        if len(threads) > 1:
            raise ThreadsError(f"{len(threads)} threads are left after the imports.")
        gc.collect()
        gc.freeze()
        skip_finalizers()
        _use_huge_pages()

    def finish(self) -> None:
        """Do in a forked trainer what the imports do in every process: seed generators, start the thread of Polars."""
        if callable(self._register_polars):
            self._register_polars(sys.modules["polars._warnings"]._polars_warn)
        numpy_random = sys.modules.get("numpy.random")
        if numpy_random is not None:
            numpy_random.seed()
        torch = sys.modules.get("torch")
        if torch is not None:
            torch.default_generator.seed()

    def _import_polars(self) -> None:
        """Import Polars without the thread that it starts at the end of its import."""
        runtimes = [name for name in _POLARS_RUNTIMES if find_spec(name) is not None]
        if len(runtimes) != 1:
            return
        # Polars sets this variable too, and keeps what is there.
        given = os.environ.get(_MALLOC)
        os.environ[_MALLOC] = "background_thread:false" if given is None else f"{given},background_thread:false"
        runtime = importlib.import_module(f"{runtimes[0]}._polars_runtime")
        register = getattr(runtime, _REGISTER)
        setattr(runtime, _REGISTER, lambda *_: None)
        try:
            importlib.import_module("polars")
        finally:
            setattr(runtime, _REGISTER, register)
        self._register_polars = register
        # As it is without a fork server.
        os.environ[_MALLOC] = os.environ[_MALLOC].removesuffix(",background_thread:false")


def _main_module() -> ModuleType:
    """Return the module `__main__` of `python -m trainyard`, which processes that a trainer starts may look for."""
    spec = find_spec("trainyard.__main__")
    assert spec is not None
    module = module_from_spec(spec)
    module.__name__ = "__main__"
    return module


def _end_pools() -> None:
    """Fork once: libraries such as OpenBLAS end the threads of their pools at a fork, and start them when needed."""
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)


def _use_huge_pages() -> None:
    """Move the memory to huge pages, where the kernel can: a fork then copies 500 times fewer page table entries."""
    madvise = ctypes.CDLL(None).madvise
    madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    with open("/proc/self/maps", encoding="utf-8", errors="surrogateescape") as file:
        lines = file.read().splitlines()
    for line in lines:
        match = re.match(r"([0-9a-f]+)-([0-9a-f]+) rw-p \S+ 00:00 0\s*(\[heap\])?$", line)
        if match is None:
            continue
        start = -(-int(match[1], 16) // _HUGE_PAGE) * _HUGE_PAGE
        end = int(match[2], 16) // _HUGE_PAGE * _HUGE_PAGE
        for address in range(start, end, _HUGE_PAGE):
            madvise(address, _HUGE_PAGE, _MADV_COLLAPSE)  # an error leaves the memory as it is
