"""What is in the datasets that a home offers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from trainyard.dataset_path import resolve_dataset
from trainyard.files import Home


def describe_datasets(home: Home, names: Iterable[str]) -> Iterator[dict[str, Any]]:
    """``{"name", "format", "columns", "rows"}`` of each dataset, or ``{"name", "error"}`` with a sentence.

    An iterator, because a large file takes a while and the answers before it need not wait.
    """
    from trainyard.data import InvalidDatasetError, describe

    for name in names:
        try:
            yield {**describe(resolve_dataset(home, name)), "name": name}
        except InvalidDatasetError as error:
            yield {"name": name, "error": str(error)}
        except OSError as error:
            yield {"name": name, "error": f"The dataset {name!r} cannot be read: {error.strerror or error}."}
