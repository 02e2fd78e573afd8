"""From a column of texts to inputs of the network."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from trainyard.data import MISSING_CODE, OTHER_CODE, CategoryColumn, Column, ColumnKind

Indices = npt.NDArray[np.int64]


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
        inputs = {_spelling(text): position for position, text in enumerate(self.levels)}
        none = self.width
        other = len(self.levels) if self.has_other else none
        missing = none - 1 if self.marks_missing else none
        # Negative codes index from the end: MISSING_CODE is -1, OTHER_CODE is -2.
        lookup = np.array([inputs.get(_spelling(text), other) for text in column.levels] + [other, missing])
        position = lookup[np.frombuffer(column.codes, dtype=np.int32)]
        out[:] = position[:, None] == np.arange(none)

    def to_json(self) -> dict[str, Any]:
        """What `from_json` needs."""
        return {"type": self.type, **asdict(self)}


def _spelling(text: str) -> str:
    """One spelling for booleans: JSON writes true, pandas True and spreadsheets TRUE."""
    lowered = text.lower()
    return lowered if lowered in ("true", "false") else text
