"""Numbers of every library as the plain ones that JSON and the readers of a status file take."""

from __future__ import annotations

from typing import Any

_MAX_NAME = 128  # UTF-16 units, as readers count; they refuse a status with a longer name
_MAX_COUNT = 2**53 - 1  # JSON readers hold no larger whole number exactly


def plain_count(name: str, value: Any) -> int | None:
    """A plain int from whatever counts (NumPy's integers are no JSON); None stays None.

    Raises:
        ValueError: it is negative or above 2^53 - 1, and readers would refuse the whole status.
    """
    if value is None:
        return None
    number = int(value)
    if number < 0:
        raise ValueError(f"{name} must not be negative, but is {number}.")
    return checked_count(name, number)


def checked_count(name: str, number: int) -> int:
    """``number``, unless it is too large.

    Raises:
        ValueError: it is above 2^53 - 1.
    """
    if number > _MAX_COUNT:
        raise ValueError(f"{name} must be at most 2^53 - 1, but is {number}.")
    return number


def plain_number(name: str, value: Any) -> float:
    """The value of a metric, from anything with one value that ``float()`` takes, such as a tensor.

    Raises:
        TypeError: it is not one number.
        ValueError: the name is too long.
    """
    if len(name) > _MAX_NAME // 2 and len(name.encode("utf-16-le", "surrogatepass")) > 2 * _MAX_NAME:
        raise ValueError(f"The metric name {name[:20]!r}... is longer than {_MAX_NAME} characters: shorten it.")
    if type(value) is float:
        return value
    try:
        if not isinstance(value, (str, bytes)):  # float("3") works, and would hide a mistake
            return float(value)
    except Exception as error:
        raise TypeError(f"step({name}=...) needs one number, not {type(value).__name__}: {error}") from error
    raise TypeError(f"step({name}=...) needs one number, not {type(value).__name__}.")
