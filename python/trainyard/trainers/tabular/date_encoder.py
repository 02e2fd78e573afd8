"""Encode a column of dates as network inputs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from trainyard.data import Column, ColumnKind, DateColumn
from trainyard.data.columns.dates import DateOrder
from trainyard.trainers.tabular.number_encoder import CLIP, Floats, NumberEncoder


@dataclass(frozen=True)
class DateEncoder:
    """Standardized day number; sine and cosine of season, weekday and time of day; an indicator for missing dates."""

    type: ClassVar[str] = "date"
    column: str
    order: DateOrder | None  # None for times of day
    median: float
    mean: float
    std: float
    periods: list[float]  # in days
    marks_missing: bool

    # A period is an input only if the training rows cover all of it.
    _PERIODS: ClassVar[tuple[float, ...]] = (365.2425, 7.0, 1.0)

    @classmethod
    def fit(cls, column: str, values: Floats, order: DateOrder | None) -> DateEncoder | None:
        """Fit on `values`, shape (training rows,); None if they contain no date, or a single one and none missing."""
        number = NumberEncoder.fit(column, values)
        if number is None:
            return None
        present = values[~np.isnan(values)]
        span = float(np.ptp(present))
        periods = [
            period
            for period in cls._PERIODS
            if (span >= period or (order is None and period == 1))
            and (period > 1 or len(np.unique(np.round(present % 1, 5))) > 1)
        ]
        return cls(column, order, number.median, number.mean, number.std, periods, number.marks_missing)

    @property
    def kind(self) -> ColumnKind:
        """Kind with which the column is read."""
        return ColumnKind("time") if self.order is None else ColumnKind("date", self.order)

    @property
    def width(self) -> int:
        """Number of network inputs for this column."""
        return 1 + 2 * len(self.periods) + self.marks_missing

    def encode(self, column: Column, out: npt.NDArray[np.float32]) -> None:
        """Write the inputs into `out`, shape (rows, width)."""
        assert isinstance(column, DateColumn)
        values = column.values
        missing = np.isnan(values)
        days = np.where(missing, self.median, values)
        out[:, 0] = np.clip((days - self.mean) / self.std, -CLIP, CLIP)
        for position, period in enumerate(self.periods):
            angle = days * (2 * np.pi / period)
            out[:, 1 + 2 * position] = np.sin(angle)
            out[:, 2 + 2 * position] = np.cos(angle)
        if self.marks_missing:
            out[:, -1] = missing

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object that `encoder_from_json` reads."""
        return {"type": self.type, **asdict(self)}
