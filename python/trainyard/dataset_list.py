"""What is in the datasets that a home offers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from trainyard.dataset_path import resolve_dataset
from trainyard.files import Home


def describe_datasets(home: Home, names: Iterable[str], at_most: int | None = None) -> Iterator[dict[str, Any]]:
    """``{"name", "format", "columns", "rows"}`` of each dataset, or ``{"name", "error"}`` with a sentence.

    An iterator, because a large file takes a while and the answers before it need not wait. A file with more than
    `at_most` bytes of text is not read to its end, and its "rows" are None.
    """
    from trainyard.data import InvalidDatasetError, describe

    for name in names:
        try:
            yield {**describe(resolve_dataset(home, name), at_most), "name": name}
        except InvalidDatasetError as error:
            yield {"name": name, "error": str(error)}
        except OSError as error:
            yield {"name": name, "error": _unreadable(name, error)}


def preview_dataset(home: Home, name: str, rows: int) -> dict[str, Any]:
    """The `DatasetPreview` of a dataset, or ``{"error"}`` with a sentence."""
    from trainyard.data import InvalidDatasetError, preview

    try:
        return {**preview(resolve_dataset(home, name), rows)}
    except InvalidDatasetError as error:
        return {"error": str(error)}
    except OSError as error:
        return {"error": _unreadable(name, error)}


def _unreadable(name: str, error: OSError) -> str:
    return f"The dataset {name!r} cannot be read: {error.strerror or error}."
