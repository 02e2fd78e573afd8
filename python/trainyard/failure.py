"""Convert an exception to the ``error`` of a status file: reason, message and traceback."""

from __future__ import annotations

import traceback

_MAX_MESSAGE = 4_000
_MAX_TRACEBACK = 32_000  # characters, each up to 12 bytes of JSON: keeps the status file below 1 MiB


def describe_failure(error: BaseException) -> dict[str, str]:
    """Return ``{"reason", "message", "traceback"}`` for an exception that ended a training.

    The message of exception classes with the class attribute ``is_for_users`` has no class name. The reason is
    ``INVALID_DATASET`` for exception classes with this class attribute ``reason``, ``OUT_OF_MEMORY`` for
    memory errors of Python, NumPy and PyTorch, and otherwise ``TRAINER_ERROR``.
    """
    described = getattr(error, "failure", None)
    if isinstance(described, dict) and described.keys() == {"reason", "message", "traceback"}:
        return described  # the failure of another process
    reason = _reason(error)
    text = str(error).strip()
    name = type(error).__name__
    if is_for_users(error):
        message = text or name
    elif reason == "OUT_OF_MEMORY":
        message = (
            f"The trainer ran out of memory. Use a smaller batch size or model. ({name}{': ' + text if text else ''})"
        )
    else:
        message = f"{name}: {text}" if text else name
    frames = "".join(traceback.format_exception(type(error), error, error.__traceback__, limit=-20))
    return {"reason": reason, "message": message[:_MAX_MESSAGE], "traceback": frames[-_MAX_TRACEBACK:]}


def is_for_users(error: BaseException) -> bool:
    """Whether the message of an exception says what a user has to correct; its class and place then do not matter."""
    return _reason(error) == "INVALID_DATASET" or bool(getattr(type(error), "is_for_users", False))


def _reason(error: BaseException) -> str:
    if getattr(type(error), "reason", None) == "INVALID_DATASET":
        return "INVALID_DATASET"
    # PyTorch's class is recognized by name: importing torch here would be slow.
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return "OUT_OF_MEMORY"
    # On a CPU, PyTorch has no exception class for it.
    if isinstance(error, RuntimeError) and "DefaultCPUAllocator" in str(error):
        return "OUT_OF_MEMORY"
    return "TRAINER_ERROR"
