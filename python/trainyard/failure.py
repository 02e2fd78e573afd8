"""Convert an exception to the ``error`` of a status file: reason, message and traceback."""

from __future__ import annotations

import re
import signal
import traceback

from trainyard.supervisor.oom import OomKills

_MAX_MESSAGE = 4_000
_MAX_TRACEBACK = 32_000  # characters, each up to 12 bytes of JSON: keeps the status file below 1 MiB

_KILLED_CHILD = re.compile("killed by signal: Killed|exited unexpectedly|terminated abruptly|SIGKILL")
"""Messages about a child that SIGKILL has ended, of PyTorch's DataLoader and ``spawn``, process pools, and joblib."""

_MEMORY_CLASSES = ("OutOfMemoryError", "ResourceExhaustedError")
"""Names of PyTorch, CuPy and TensorFlow. The classes are recognized by name: importing the libraries would be slow."""

_MEMORY_MESSAGE = re.compile(
    r"DefaultCPUAllocator|\bout of memory\b|_STATUS_ALLOC_FAILED|RESOURCE_EXHAUSTED", re.IGNORECASE
)
"""Messages of exceptions without such a class: of PyTorch on a CPU, of CUDA when a GPU has no memory even for the start
of a program, of its libraries, of Apple GPUs, and of JAX, XGBoost and LightGBM."""

_GPU_MESSAGE = re.compile(r"cuda|cublas|cudnn|\bhip\b|\bmps\b|\bxpu\b|\bgpu", re.IGNORECASE)

_CODES_OF_SIGKILL = (-signal.SIGKILL, 256 - signal.SIGKILL, 128 + signal.SIGKILL)
"""Of Python, of ``sys.exit`` with that number, and of a shell."""


def describe_failure(error: BaseException, oom_kills: OomKills | None = None) -> dict[str, str]:
    """Return ``{"reason", "message", "traceback"}`` for an exception that ended a training.

    The message of exception classes with the class attribute ``is_for_users`` has no class name. The reason is
    ``INVALID_DATASET`` for exception classes with this class attribute ``reason``, ``OUT_OF_MEMORY`` for
    memory errors of Python and of the libraries, on CPU and GPU, and otherwise ``TRAINER_ERROR``.

    Args:
        oom_kills: since the start of the process. If there are any, and the exception says that a child was killed,
            the reason is ``OUT_OF_MEMORY``.
    """
    described = getattr(error, "failure", None)
    if isinstance(described, dict) and described.keys() == {"reason", "message", "traceback"}:
        return described  # the failure of another process
    reason = _reason(error)
    text = text_of(error).strip()
    name = type(error).__name__
    detail = f"{name}: {text}" if text else name
    if oom_kills is not None and _names_killed_child(error) and oom_kills.any():
        reason = "OUT_OF_MEMORY"
        message = (
            "The kernel killed a process of the training because memory ran out. "
            f"Use fewer worker processes, a smaller batch size, or ask for more memory. ({detail})"
        )
    elif is_for_users(error):
        message = text or name
    elif reason == "OUT_OF_MEMORY":
        message = f"{_memory_problem(text)} ({detail})"
    else:
        message = detail
    frames = "".join(traceback.format_exception(type(error), error, error.__traceback__, limit=-20))
    return {"reason": reason, "message": message[:_MAX_MESSAGE], "traceback": frames[-_MAX_TRACEBACK:]}


def text_of(value: object) -> str:
    """Return the text of an object of a script; empty if its ``__str__`` fails."""
    try:
        return str(value)
    except Exception:
        return ""


def is_for_users(error: BaseException) -> bool:
    """Whether the message of an exception says what a user has to correct; its class and place then do not matter."""
    return _reason(error) == "INVALID_DATASET" or bool(getattr(type(error), "is_for_users", False))


def _reason(error: BaseException) -> str:
    if getattr(type(error), "reason", None) == "INVALID_DATASET":
        return "INVALID_DATASET"
    if isinstance(error, MemoryError) or type(error).__name__ in _MEMORY_CLASSES:
        return "OUT_OF_MEMORY"
    if isinstance(error, RuntimeError) or type(error).__name__ in ("XGBoostError", "LightGBMError"):
        return "OUT_OF_MEMORY" if _MEMORY_MESSAGE.search(text_of(error)) else "TRAINER_ERROR"
    return "TRAINER_ERROR"


def _memory_problem(text: str) -> str:
    if _GPU_MESSAGE.search(text):
        return "The GPU ran out of memory. Use a smaller batch size or model, or end other programs that use the GPU."
    return "The trainer ran out of memory. Use a smaller batch size or model."


def _names_killed_child(error: BaseException) -> bool:
    """Whether the exception, or one that caused it, says that SIGKILL has ended another process."""
    found: BaseException | None = error
    for _ in range(10):  # a chain can be a circle
        if found is None:
            return False
        codes = (getattr(found, name, None) for name in ("returncode", "exit_code", "code"))
        if any(isinstance(code, int) and code in _CODES_OF_SIGKILL for code in codes):
            return True
        if _KILLED_CHILD.search(text_of(found)):
            return True
        found = found.__cause__ or found.__context__
    return False
