"""Check that Polars is installed: only reading the rows of a table needs it."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from trainyard.data.errors import InvalidDatasetError


def has_polars() -> bool:
    """Whether Polars and NumPy are installed."""
    return _missing() is None


def _missing() -> str | None:
    return next((name for name in ("polars", "numpy") if find_spec(name) is None), None)


def check_polars(path: Path) -> None:
    """Raise InvalidDatasetError with the command that installs Polars and NumPy, unless they are installed."""
    missing = _missing()
    if missing is not None:
        raise InvalidDatasetError(
            f"its rows cannot be read: the Python package {missing} is not installed. "
            "Run `npm run setup` (or `trainyard setup`) to install it.",
            path=path,
        )
