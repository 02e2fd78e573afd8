"""Calls a function after a module is imported."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType

Patch = Callable[[ModuleType], object]


class ImportHooks:
    """A finder for ``sys.meta_path`` that finds nothing itself, and patches the modules that the others find.

    Args:
        patches: functions by module name; each is called once, with the imported module. They must not raise.
    """

    def __init__(self, patches: Mapping[str, Patch]) -> None:
        self._patches = dict(patches)

    def install(self) -> None:
        """Watch imports from now on. Modules that are already imported are patched at once."""
        sys.meta_path.insert(0, self)
        for name in list(self._patches):
            if name in sys.modules:
                self._patch(name, sys.modules[name])

    def remove(self) -> None:
        """Stop watching imports."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec of the other finders, with a loader that patches the module after it has run."""
        if name not in self._patches:
            return None
        spec = self._spec_of_others(name, path, target)
        loader = spec.loader if spec is not None else None
        run = getattr(loader, "exec_module", None)
        if run is None:
            return None

        def exec_module(module: ModuleType) -> None:
            run(module)
            self._patch(name, module)

        try:
            # On the instance: tools that look at the loader, such as inspect and pkgutil, see its own type.
            loader.exec_module = exec_module  # type: ignore[union-attr, method-assign]
        except AttributeError:  # a loader that is a class, as of built-in modules: none of the patched ones
            return None
        return spec

    def _spec_of_others(self, name: str, path: Sequence[str] | None, target: ModuleType | None) -> ModuleSpec | None:
        for finder in list(sys.meta_path):
            find = getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = find(name, path, target) if find is not None and finder is not self else None
            if spec is not None:
                return spec
        return None

    def _patch(self, name: str, module: ModuleType) -> None:
        patch = self._patches.pop(name, None)
        if patch is not None:
            patch(module)
