"""From a column of numbers to inputs of the network."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from trainyard.data import Column, ColumnKind, NumberColumn

Floats = npt.NDArray[np.float64]

# Further from the mean than this many standard deviations, a value says no more than that it is extreme.
CLIP = 10.0


@dataclass(frozen=True)
class NumberEncoder:
    """(x - mean) / std with the median for missing values, and an input that marks them if training rows lack any."""

    type: ClassVar[str] = "number"
    column: str
    median: float
    mean: float
    std: float
    marks_missing: bool

    @classmethod
    def fit(cls, column: str, values: Floats) -> NumberEncoder | None:
        """None when the training rows hold no value, or a single one and no gaps."""
        missing = np.isnan(values)
        present = values[~missing]
        if len(present) == 0:
            return None
        median = float(np.median(present))
        mean, std = _mean_and_std(np.where(missing, median, values))
        if std == 0 and not missing.any():
            return None
        return cls(column, median, mean, std or 1.0, bool(missing.any()))

    @property
    def kind(self) -> ColumnKind:
        """How the column is read."""
        return ColumnKind("number")

    @property
    def width(self) -> int:
        """Inputs of the network this column takes."""
        return 2 if self.marks_missing else 1

    def encode(self, column: Column, out: npt.NDArray[np.float32]) -> None:
        """Write the inputs into `out`, shape (rows, width)."""
        assert isinstance(column, NumberColumn)
        values = np.frombuffer(column.values, dtype=np.float64)
        missing = np.isnan(values)
        out[:, 0] = np.clip((np.where(missing, self.median, values) - self.mean) / self.std, -CLIP, CLIP)
        if self.marks_missing:
            out[:, 1] = missing

    def to_json(self) -> dict[str, Any]:
        """What `from_json` needs."""
        return {"type": self.type, **asdict(self)}


def _mean_and_std(values: Floats) -> tuple[float, float]:
    """In units of the largest value, so that squares of huge numbers do not overflow."""
    scale = float(np.max(np.abs(values))) or 1.0
    scaled = values / scale
    return float(scaled.mean() * scale), float(scaled.std() * scale)
