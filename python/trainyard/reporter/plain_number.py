"""Convert numbers of any library to plain Python numbers that are valid in a status file."""

from __future__ import annotations

import re
from typing import Any

_DEVICE_ERROR = re.compile("(CUDA|HIP|MPS|XPU) (driver )?error")
_MAX_NAME = 128  # UTF-16 units; readers reject a status with a longer name
MAX_COUNT = 2**53 - 1
"""The largest integer that JSON readers represent exactly."""


def plain_count(name: str, value: Any) -> int | None:
    """Convert a count, such as a NumPy integer, to int; None stays None.

    Raises:
        ValueError: the count is negative or above 2^53 - 1; readers would reject the status.
    """
    if value is None:
        return None
    number = int(value)
    if number < 0:
        raise ValueError(f"{name} must not be negative, but is {number}.")
    return checked_count(name, number)


def checked_count(name: str, number: int) -> int:
    """Return ``number``.

    Raises:
        ValueError: it is above 2^53 - 1.
    """
    if number > MAX_COUNT:
        raise ValueError(f"{name} must be at most 2^53 - 1, but is {number}.")
    return number


def plain_number(name: str, value: Any) -> float:
    """Convert the value of a metric to float. Accepts everything that ``float()`` accepts except text.

    Raises:
        TypeError: the value is not a single number.
        ValueError: the name is longer than 128 characters.
        RuntimeError: a computation on the GPU has failed, which the GPU reports when a value is read.
    """
    check_name(name)
    if type(value) is float:
        return value
    try:
        if not isinstance(value, (str, bytes)):  # float("3") would hide a mistake
            return float(value)
    except Exception as error:
        if _is_of_device(error):
            raise
        raise TypeError(f"step({name}=...) must be a single number, not {type(value).__name__}: {error}") from error
    raise TypeError(f"step({name}=...) must be a single number, not {type(value).__name__}.")


def _is_of_device(error: Exception) -> bool:
    """Whether the error is that of an earlier computation: PyTorch has a class for it since 2.8."""
    if not isinstance(error, RuntimeError):
        return False
    return type(error) is not RuntimeError or _DEVICE_ERROR.match(str(error)) is not None


def check_name(name: str) -> None:
    """Check the name of a metric.

    Raises:
        ValueError: it is longer than 128 characters.
    """
    if len(name) > _MAX_NAME // 2 and len(name.encode("utf-16-le", "surrogatepass")) > 2 * _MAX_NAME:
        raise ValueError(f"The metric name {name[:20]!r}... is longer than {_MAX_NAME} characters: shorten it.")
