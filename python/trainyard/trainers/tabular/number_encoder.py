"""Encode a column of numbers as network inputs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from trainyard.data import Column, ColumnKind, NumberColumn

Floats = npt.NDArray[np.float64]

# Standardized values are clipped to this many standard deviations from the mean.
CLIP = 10.0
# Encoded values beyond this limit would overflow in the network.
_LIMIT = 1e15


@dataclass(frozen=True)
class _ScaledNumber(ABC):
    """One input for a number, the median for missing values, and an indicator if training rows have missing values."""

    type: ClassVar[str]
    column: str
    median: float
    marks_missing: bool

    @abstractmethod
    def scale(self, values: Floats, missing: npt.NDArray[np.bool_]) -> Floats:
        """Return the first input, shape (rows,), for values that are NaN where they are missing."""

    @property
    def kind(self) -> ColumnKind:
        """Kind with which the column is read."""
        return ColumnKind("number")

    @property
    def width(self) -> int:
        """Number of network inputs for this column."""
        return 2 if self.marks_missing else 1

    def encode(self, column: Column, out: npt.NDArray[np.float32]) -> None:
        """Write the inputs into `out`, shape (rows, width)."""
        assert isinstance(column, NumberColumn)
        missing = np.isnan(column.values)
        out[:, 0] = self.scale(column.values, missing)
        if self.marks_missing:
            out[:, 1] = missing

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object that `encoder_from_json` reads."""
        return {"type": self.type, **asdict(self)}


@dataclass(frozen=True)
class NumberEncoder(_ScaledNumber):
    """(x - mean) / std."""

    type: ClassVar[str] = "number"
    mean: float
    std: float

    @classmethod
    def fit(cls, column: str, values: Floats) -> NumberEncoder | None:
        """Fit on `values`, shape (training rows,); None if they contain no value, or a single one and none missing."""
        missing = np.isnan(values)
        present = values[~missing]
        if len(present) == 0:
            return None
        median = float(np.median(present))
        mean, std = _mean_and_std(np.where(missing, median, values))
        if std == 0 and not missing.any():
            return None
        return cls(column, median, bool(missing.any()), mean, std or 1.0)

    def scale(self, values: Floats, missing: npt.NDArray[np.bool_]) -> Floats:
        """Return the standardized values, clipped."""
        return np.clip((np.where(missing, self.median, values) - self.mean) / self.std, -CLIP, CLIP)


@dataclass(frozen=True)
class RobustNumberEncoder(_ScaledNumber):
    """(x - median) / spread.

    The spread is the distance between the quartiles, which extreme values do not change; the standard deviation if the
    quartiles are equal.
    """

    type: ClassVar[str] = "robust_number"
    spread: float

    @classmethod
    def fit(cls, column: str, values: Floats) -> RobustNumberEncoder | None:
        """Fit on `values`, shape (training rows,); None if they contain no value, or a single one and none missing."""
        missing = np.isnan(values)
        present = values[~missing]
        if len(present) == 0:
            return None
        low, median, high = (float(number) for number in np.percentile(present, (25, 50, 75)))
        # Halved first, so that the difference of huge numbers does not overflow.
        spread = min(2 * (high / 2 - low / 2), 1e308) or _mean_and_std(present)[1]
        if spread == 0 and not missing.any():
            return None
        return cls(column, median, bool(missing.any()), spread or 1.0)

    def scale(self, values: Floats, missing: npt.NDArray[np.bool_]) -> Floats:
        """Return the values in units of the spread."""
        # Divided first, so that huge numbers do not overflow.
        units = np.where(missing, 0, values / self.spread - self.median / self.spread)
        return np.clip(units, -_LIMIT, _LIMIT)


def _mean_and_std(values: Floats) -> tuple[float, float]:
    """Return mean and standard deviation, scaled internally so that squares of large values do not overflow."""
    scale = float(np.max(np.abs(values))) or 1.0
    scaled = values / scale
    return float(scaled.mean() * scale), float(scaled.std() * scale)
