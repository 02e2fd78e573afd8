"""Let a callback that Trainyard adds to a library never raise."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from trainyard.capture.guard import Guard

_WITH_RESULT = ("before_training",)  # XGBoost expects these to return the model, their argument


def protect(callback: Any, guard: Guard) -> Any:
    """Replace the methods that ``trainyard.integrations`` defines. Returns the callback.

    After an exception the source is disabled, and these methods do nothing any more.
    """
    for cls in type(callback).__mro__:
        if cls.__module__.startswith("trainyard.integrations"):
            for name, function in vars(cls).items():
                if not name.startswith("_") and callable(function):
                    setattr(callback, name, protected(getattr(callback, name), guard, has_result=name in _WITH_RESULT))
    return callback


def protected(
    function: Callable[..., Any], guard: Guard, passed: tuple[type[Exception], ...] = (), has_result: bool = False
) -> Any:
    """Return ``function`` without its exceptions, except those of the types ``passed``.

    Args:
        has_result: whether a call that fails returns its first argument instead of None.
    """

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if guard.enabled:
            try:
                return function(*args, **kwargs)
            except passed:
                raise
            except Exception as error:
                guard.disable(error)
        return args[0] if has_result else None

    return call
