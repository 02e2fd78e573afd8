"""From the values of one column to the inputs of the network. Fitted on training rows alone; JSON can hold them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from trainyard.data import MISSING_CODE, OTHER_CODE, CategoryColumn, Column, DateColumn, NumberColumn
from trainyard.data.dates import DateOrder
from trainyard.data.kinds import ColumnKind

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

# Further from the mean than this many standard deviations, a value says no more than that it is extreme.
CLIP = 10.0


@dataclass(frozen=True)
class NumberEncoder:
    """(x - mean) / std with the median for missing values, and a second input that marks them if training rows lack any."""

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


@dataclass(frozen=True)
class DateEncoder:
    """The day as a number, and season, weekday and time of day as points on circles; a mark for missing dates."""

    type: ClassVar[str] = "date"
    column: str
    order: DateOrder
    median: float
    mean: float
    std: float
    periods: list[float]  # in days
    marks_missing: bool

    # A period is only an input when the training rows cover enough of it to tell its phases apart.
    _PERIODS: ClassVar[tuple[float, ...]] = (365.2425, 7.0, 1.0)

    @classmethod
    def fit(cls, column: str, values: Floats, order: DateOrder) -> DateEncoder | None:
        """None when the training rows hold no date, or a single one and no gaps."""
        number = NumberEncoder.fit(column, values)
        if number is None:
            return None
        present = values[~np.isnan(values)]
        span = float(np.ptp(present))
        periods = [
            period
            for period in cls._PERIODS
            if span >= period and (period > 1 or len(np.unique(np.round(present % 1, 5))) > 1)
        ]
        return cls(column, order, number.median, number.mean, number.std, periods, number.marks_missing)

    @property
    def kind(self) -> ColumnKind:
        """How the column is read."""
        return ColumnKind("date", self.order)

    @property
    def width(self) -> int:
        """Inputs of the network this column takes."""
        return 1 + 2 * len(self.periods) + self.marks_missing

    def encode(self, column: Column, out: npt.NDArray[np.float32]) -> None:
        """Write the inputs into `out`, shape (rows, width)."""
        assert isinstance(column, DateColumn)
        values = np.frombuffer(column.values, dtype=np.float64)
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
        """What `from_json` needs."""
        return {"type": self.type, **asdict(self)}


@dataclass(frozen=True)
class CategoryEncoder:
    """One input for each of the most frequent texts, one for all others, and one for missing, as far as they occur.

    A text that training never saw counts as an other one; without others in training, all inputs are 0.
    """

    type: ClassVar[str] = "category"
    column: str
    levels: list[str]
    has_other: bool
    marks_missing: bool

    @classmethod
    def fit(cls, column: CategoryColumn, rows: Indices, max_levels: int) -> CategoryEncoder | None:
        """Keep the texts that occur at least twice in the training `rows`, `max_levels` at most.

        None when nothing in the column tells rows apart.
        """
        codes = np.frombuffer(column.codes, dtype=np.int32)[rows]
        counts = np.bincount(codes[codes >= 0], minlength=len(column.levels))
        least = 2 if len(rows) >= 50 else 1
        frequent = [code for code in np.argsort(-counts, kind="stable")[:max_levels] if counts[code] >= least]
        if not frequent:
            return None
        texts = list(column.levels)
        has_other = bool(counts.sum() > counts[frequent].sum() or (codes == OTHER_CODE).any())
        has_missing = bool((codes == MISSING_CODE).any())
        if len(frequent) + has_other + has_missing < 2:
            return None
        return cls(column.name, [texts[code] for code in frequent], has_other, has_missing)

    @property
    def kind(self) -> ColumnKind:
        """How the column is read."""
        return ColumnKind("category")

    @property
    def width(self) -> int:
        """Inputs of the network this column takes."""
        return len(self.levels) + self.has_other + self.marks_missing

    def encode(self, column: Column, out: npt.NDArray[np.float32]) -> None:
        """Write the inputs into `out`, shape (rows, width)."""
        assert isinstance(column, CategoryColumn)
        inputs = {text: position for position, text in enumerate(self.levels)}
        none = self.width
        other = len(self.levels) if self.has_other else none
        missing = none - 1 if self.marks_missing else none
        # Negative codes index from the end: MISSING_CODE is -1, OTHER_CODE is -2.
        lookup = np.array([inputs.get(text, other) for text in column.levels] + [other, missing])
        position = lookup[np.frombuffer(column.codes, dtype=np.int32)]
        out[:] = position[:, None] == np.arange(none)

    def to_json(self) -> dict[str, Any]:
        """What `from_json` needs."""
        return {"type": self.type, **asdict(self)}


Encoder = NumberEncoder | DateEncoder | CategoryEncoder

_ENCODERS: dict[str, type[NumberEncoder] | type[DateEncoder] | type[CategoryEncoder]] = {
    encoder.type: encoder for encoder in (NumberEncoder, DateEncoder, CategoryEncoder)
}


def encoder_from_json(value: dict[str, Any]) -> Encoder:
    """The encoder that `to_json` wrote. Raises KeyError or TypeError for anything else."""
    fields = dict(value)
    return _ENCODERS[fields.pop("type")](**fields)


def fit_encoder(column: Column, rows: Indices, max_levels: int) -> Encoder | None:
    """Fit the encoder for this column on the training `rows`; None when they tell nothing."""
    if isinstance(column, CategoryColumn):
        return CategoryEncoder.fit(column, rows, max_levels)
    values = np.frombuffer(column.values, dtype=np.float64)[rows]
    if isinstance(column, DateColumn):
        return DateEncoder.fit(column.name, values, column.order)
    return NumberEncoder.fit(column.name, values)


def encode_columns(encoders: Sequence[Encoder], columns: dict[str, Column], rows: int) -> npt.NDArray[np.float32]:
    """All inputs of the network, shape (rows, sum of the encoders' widths)."""
    inputs = np.empty((rows, sum(encoder.width for encoder in encoders)), dtype=np.float32)
    start = 0
    for encoder in encoders:
        encoder.encode(columns[encoder.column], inputs[:, start : start + encoder.width])
        start += encoder.width
    return inputs


def _mean_and_std(values: Floats) -> tuple[float, float]:
    """In units of the largest value, so that squares of huge numbers do not overflow."""
    scale = float(np.max(np.abs(values))) or 1.0
    scaled = values / scale
    return float(scaled.mean() * scale), float(scaled.std() * scale)
