"""Encode a column of texts as network inputs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from trainyard.data import MISSING_CODE, OTHER_CODE, CategoryColumn, Column, ColumnKind
from trainyard.data.columns.characters import folded

Indices = npt.NDArray[np.int64]


@dataclass(frozen=True)
class CategoryEncoder:
    """One-hot encoding: an input for each frequent text, one for other texts, and one for missing values.

    The last two exist only if they occur in the training rows. A text that did not occur in training counts as other;
    if there is no such input, all inputs are 0.
    """

    type: ClassVar[str] = "category"
    column: str
    levels: list[str]
    has_other: bool
    marks_missing: bool

    @classmethod
    def fit(cls, column: CategoryColumn, rows: Indices, max_levels: int) -> CategoryEncoder | None:
        """Fit on the training `rows`; None if all of them would have the same inputs.

        Keeps up to `max_levels` texts that occur at least twice, or once with fewer than 50 rows.
        """
        codes = column.codes[rows]
        counts = np.bincount(codes[codes >= 0], minlength=len(column.levels))
        least = 2 if len(rows) >= 50 else 1
        frequent = [code for code in np.argsort(-counts, kind="stable")[:max_levels] if counts[code] >= least]
        if not frequent:
            return None
        texts = column.levels
        has_other = bool(counts.sum() > counts[frequent].sum() or (codes == OTHER_CODE).any())
        has_missing = bool((codes == MISSING_CODE).any())
        if len(frequent) + has_other + has_missing < 2:
            return None
        return cls(column.name, [texts[code] for code in frequent], has_other, has_missing)

    @property
    def kind(self) -> ColumnKind:
        """Kind with which the column is read."""
        return ColumnKind("category")

    @property
    def width(self) -> int:
        """Number of network inputs for this column."""
        return len(self.levels) + self.has_other + self.marks_missing

    def encode(self, column: Column, out: npt.NDArray[np.float32]) -> None:
        """Write the inputs into `out`, shape (rows, width)."""
        assert isinstance(column, CategoryColumn)
        exact = {text: position for position, text in enumerate(self.levels)}
        inputs = {folded(text): position for text, position in exact.items()}
        none = self.width
        other = len(self.levels) if self.has_other else none
        missing = none - 1 if self.marks_missing else none
        # Negative codes index from the end: MISSING_CODE is -1, OTHER_CODE is -2.
        found = [exact.get(text, inputs.get(folded(text), other)) for text in column.levels]
        position = np.array([*found, other, missing])[column.codes]
        out[:] = position[:, None] == np.arange(none)

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object that `encoder_from_json` reads."""
        return {"type": self.type, **asdict(self)}
