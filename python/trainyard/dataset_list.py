"""What is in the datasets that a home offers."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from trainyard.cost_limit import TooCostlyError, cpu_limit
from trainyard.dataset_path import resolve_dataset
from trainyard.files import Home

# Bytes and lines of a file that costs too much to be read as far as asked: enough for its format and columns.
_GLANCE = (1024 * 1024, 50_000)


def describe_datasets(
    home: Home,
    names: Iterable[str],
    at_most: int | None = None,
    cpu_seconds: float | None = None,
    stop_after: float | None = None,
) -> Iterator[dict[str, Any]]:
    """The `DatasetDescription` of each dataset, or ``{"name", "error"}`` with a sentence.

    An iterator, because a large file takes a while and the answers before it need not wait.

    Args:
        at_most: bytes of text to read of each file; the "rows" of a file with more are None.
        cpu_seconds: processor time for each file. Of one that needs more, only the first MiB is read, and its "rows"
            are None.
        stop_after: wall-clock seconds after which no other file is begun.
    """
    from trainyard.data import describe

    began = time.monotonic()
    for name in names:
        if stop_after is not None and time.monotonic() - began >= stop_after:
            return

        def read(name: str, size: int | None, lines: int | None) -> Mapping[str, Any]:
            return describe(resolve_dataset(home, name), size, lines)

        answer = _read(name, partial(read, name, at_most, None), cpu_seconds)
        if "too_costly" in answer:
            answer = _read(name, partial(read, name, *_GLANCE), cpu_seconds)
        yield {**answer, "name": name}


def preview_dataset(home: Home, name: str, rows: int, cpu_seconds: float | None = None) -> dict[str, Any]:
    """The `DatasetPreview` of a dataset, or ``{"error"}`` with a sentence; with "too_costly" where a limit was reached.

    Args:
        cpu_seconds: processor time that it may take.
    """
    from trainyard.data import preview

    return _read(name, lambda: preview(resolve_dataset(home, name), rows), cpu_seconds)


def _read(name: str, work: Callable[[], Mapping[str, Any]], cpu_seconds: float | None) -> dict[str, Any]:
    from trainyard.data import InvalidDatasetError

    try:
        with cpu_limit(cpu_seconds):
            return {**work()}
    except InvalidDatasetError as error:
        return {"error": str(error)}
    except OSError as error:
        return {"error": _unreadable(name, error.strerror or error)}
    except TooCostlyError as error:
        return {"error": _unreadable(name, error), "too_costly": True}
    except MemoryError:
        return {"error": _unreadable(name, "it needs too much memory"), "too_costly": True}
    except Exception as error:  # A fault of this program; the other files must not suffer from it.
        traceback.print_exc()
        return {"error": _unreadable(name, f"{type(error).__name__}: {error}"[:300])}


def _unreadable(name: str, problem: object) -> str:
    return f"The dataset {name!r} cannot be read: {problem}."
