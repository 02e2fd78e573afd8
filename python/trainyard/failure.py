"""An exception as the ``error`` of a status file: a reason for programs, a sentence for people, a traceback."""

from __future__ import annotations

import traceback

_MAX_MESSAGE = 4_000
_MAX_TRACEBACK = 32_000  # characters, each up to 12 bytes of JSON: with all else below the 1 MiB that readers accept


def describe_failure(error: BaseException) -> dict[str, str]:
    """``{"reason", "message", "traceback"}`` of an exception that ended a training.

    An exception class says its own reason with a class attribute ``reason`` (``INVALID_DATASET``); running out of
    memory is recognised for Python, NumPy and PyTorch; everything else is a ``TRAINER_ERROR``.
    """
    reason = _reason(error)
    text = str(error).strip()
    name = type(error).__name__
    if reason == "INVALID_DATASET":
        message = text or name
    elif reason == "OUT_OF_MEMORY":
        message = (
            f"The trainer ran out of memory; try a smaller batch size or model. ({name}{': ' + text if text else ''})"
        )
    else:
        message = f"{name}: {text}" if text else name
    frames = "".join(traceback.format_exception(type(error), error, error.__traceback__, limit=-20))
    return {"reason": reason, "message": message[:_MAX_MESSAGE], "traceback": frames[-_MAX_TRACEBACK:]}


def _reason(error: BaseException) -> str:
    if getattr(type(error), "reason", None) == "INVALID_DATASET":
        return "INVALID_DATASET"
    # PyTorch's class is known by its name: importing torch here would load gigabytes to describe a typing error.
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return "OUT_OF_MEMORY"
    # On a CPU PyTorch has no class of its own for it.
    if isinstance(error, RuntimeError) and "DefaultCPUAllocator" in str(error):
        return "OUT_OF_MEMORY"
    return "TRAINER_ERROR"
