"""Describe and preview the datasets of a home folder."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from trainyard.cost_limit import TooCostlyError, cpu_limit
from trainyard.dataset_path import resolve_dataset
from trainyard.files import Home

# Bytes and lines to read from a file that exceeded its limits: enough for its format and columns.
_REDUCED = (1024 * 1024, 50_000)


def describe_datasets(
    home: Home,
    names: Iterable[str],
    at_most: int | None = None,
    cpu_seconds: float | None = None,
    stop_after: float | None = None,
) -> Iterator[dict[str, Any]]:
    """Yield a `DatasetDescription` for each dataset, or ``{"name", "error"}`` with an error message.

    Yields each result as soon as it is available, because large files take time.

    Args:
        at_most: maximum number of bytes of text to read from each file; "rows" is None if a file has more.
        cpu_seconds: CPU time limit for each file, in seconds. If a file exceeds it, only the first MiB is read, and
            "rows" is None.
        stop_after: no further file is read after this wall-clock time, in seconds.
    """
    from trainyard.data import describe

    started = time.monotonic()
    for name in names:
        if stop_after is not None and time.monotonic() - started >= stop_after:
            return

        def read(name: str, size: int | None, lines: int | None) -> Mapping[str, Any]:
            return describe(resolve_dataset(home, name), size, lines)

        answer = _read(name, partial(read, name, at_most, None), cpu_seconds)
        if "too_costly" in answer:
            answer = _read(name, partial(read, name, *_REDUCED), cpu_seconds)
        yield {**answer, "name": name}


def preview_dataset(
    home: Home, name: str, rows: int, cpu_seconds: float | None = None, options: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return a `DatasetPreview`, or ``{"error"}`` with an error message, and "too_costly" if a limit was exceeded.

    "invalid" is true if the content of the file is the reason, so that a training would end with the same error.
    "option" is then the option of the training that can correct it, if there is one.

    Args:
        rows: maximum number of rows.
        cpu_seconds: CPU time limit, in seconds; default: none.
        options: options of a training; only `encoding` and `header` have an effect.
    """
    from trainyard.data.read_options import ReadOptions

    try:
        written = ReadOptions.of(options or {})
    except ValueError as error:
        option = "header" if str(error).startswith("header") else "encoding"
        return {"error": str(error), "invalid": True, "option": option}

    def read() -> Mapping[str, Any]:
        from trainyard.data import preview
        from trainyard.trainers.tabular.preview_targets import preview_targets

        return preview(resolve_dataset(home, name), rows, written, preview_targets)

    return _read(name, read, cpu_seconds)


def _read(name: str, work: Callable[[], Mapping[str, Any]], cpu_seconds: float | None) -> dict[str, Any]:
    from trainyard.data import InvalidDatasetError

    try:
        with cpu_limit(cpu_seconds):
            return {**work()}
    except InvalidDatasetError as error:
        return {"error": str(error), "invalid": True, **({"option": error.option} if error.option else {})}
    except OSError as error:
        return {"error": _unreadable(name, error.strerror or error)}
    except TooCostlyError as error:
        return {"error": _unreadable(name, error), "too_costly": True}
    except MemoryError:
        return {"error": _unreadable(name, "reading it needs too much memory"), "too_costly": True}
    except Exception as error:  # A bug of this program must not affect the other files.
        traceback.print_exc()
        return {"error": _unreadable(name, f"{type(error).__name__}: {error}"[:300])}


def _unreadable(name: str, problem: object) -> str:
    return f"Cannot read the dataset {name!r}: {problem}."
