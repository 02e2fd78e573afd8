"""Add calls to the functions of a library."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from trainyard.capture.guard import Guard


def call_after(owner: Any, name: str, observe: Callable[..., object], guard: Guard) -> None:
    """After each call of ``owner.name``, call ``observe`` with the same arguments.

    Raises:
        AttributeError: the library has no such function.
    """
    def keep(result: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        observe(*args, **kwargs)
        return result

    replace_result(owner, name, keep, guard)


def replace_result(owner: Any, name: str, replace: Callable[..., Any], guard: Guard) -> None:
    """After each call of ``owner.name``, call ``replace`` as ``(result, args, kwargs)``. The call returns its result.

    ``replace`` must return the result to use. After an exception in it, the result is unchanged.

    Raises:
        AttributeError: the library has no such function.
    """
    original = getattr(owner, name)

    @wraps(original)
    def patched(*args: Any, **kwargs: Any) -> Any:
        result = original(*args, **kwargs)
        replaced = guard.call(replace, result, args, kwargs)
        return replaced if guard.enabled else result

    setattr(owner, name, patched)


def call_before(owner: Any, name: str, prepare: Callable[..., object], guard: Guard) -> None:
    """Before each call of ``owner.name``, call ``prepare`` with its arguments as ``(args, kwargs)``.

    ``prepare`` returns the arguments to use in the form ``(args, kwargs)``, or None to leave them.

    Raises:
        AttributeError: the library has no such function.
    """
    original = getattr(owner, name)

    @wraps(original)
    def patched(*args: Any, **kwargs: Any) -> Any:
        if guard.enabled:
            changed: Any = guard.call(prepare, args, kwargs)
            if changed is not None:
                args, kwargs = changed
        return original(*args, **kwargs)

    setattr(owner, name, patched)
