"""Encode a column of free text as network inputs: tf-idf of frequent words and pairs of words."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import polars as pl

from trainyard.data import Column, ColumnKind, TextColumn

Indices = npt.NDArray[np.int64]

_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}"
# In scripts without spaces, each character is a word; pairs of words are then the usual character pairs.
_WORD = rf"[{_UNSPACED}]|[\p{{L}}\p{{M}}\p{{N}}'&&[^{_UNSPACED}]]+"
# Characters of a text that are encoded. The beginning of a long document says what it is about.
MAX_CHARACTERS = 20_000
# Limits memory: the words of this many characters are in memory at once.
_CHARACTERS_AT_ONCE = 8_000_000
_MIN_ROWS_WITH_TERM = 2


@dataclass(frozen=True)
class TextEncoder:
    """One input for each of the most frequent terms (words, and pairs of neighbouring words).

    The value is tf-idf: (1 + log of the number of occurrences) * log(rows / rows with the term), scaled so that the
    inputs of a text have the mean square 1, as those of a number have. A missing text, or one without known terms, has
    zeros. Source: Salton and Buckley, "Term-weighting approaches in automatic text retrieval", 1988.
    """

    type: ClassVar[str] = "text"
    column: str
    terms: list[str]
    idf: list[float]

    @classmethod
    def fit(cls, column: TextColumn, rows: Indices, max_terms: int) -> TextEncoder | None:
        """Fit on the training `rows`; None if no term occurs in two of them but not in all."""
        texts = column.texts.gather(rows)
        counts = pl.concat(_terms_by_row(part).group_by("term").len() for part in _parts(texts))
        frequent = (
            counts.group_by("term")
            .agg(pl.col("len").sum())
            .filter(pl.col("len").is_between(_MIN_ROWS_WITH_TERM, len(rows) - 1))
            .sort(["len", "term"], descending=[True, False])
            .head(max_terms)
        )
        if len(frequent) == 0:
            return None
        idf = np.log((1 + len(rows)) / (1 + frequent["len"].to_numpy())) + 1
        return cls(column.name, frequent["term"].to_list(), [float(value) for value in idf])

    @property
    def kind(self) -> ColumnKind:
        """Kind with which the column is read."""
        return ColumnKind("text")

    @property
    def width(self) -> int:
        """Number of network inputs for this column."""
        return len(self.terms)

    def encode(self, column: Column, out: npt.NDArray[np.float32]) -> None:
        """Write the inputs into `out`, shape (rows, width)."""
        assert isinstance(column, TextColumn)
        out[:] = 0
        known = pl.DataFrame({"term": self.terms, "place": range(len(self.terms)), "idf": self.idf})
        start = 0
        for part in _parts(column.texts):
            cells = _terms_by_row(part).join(known, on="term")
            weights = (1 + np.log(cells["count"].to_numpy())) * cells["idf"].to_numpy()
            rows = cells["row"].to_numpy() + start
            squares = np.bincount(rows, weights * weights, minlength=len(out))
            out[rows, cells["place"].to_numpy()] = weights * np.sqrt(len(self.terms) / squares[rows])
            start += len(part)

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object that `encoder_from_json` reads."""
        return {"type": self.type, **asdict(self)}


def _parts(texts: pl.Series) -> list[pl.Series]:
    """Split texts into consecutive parts of limited size."""
    cut = texts.str.slice(0, MAX_CHARACTERS)
    part = (cut.str.len_chars().fill_null(0).cum_sum() // _CHARACTERS_AT_ONCE).to_numpy()
    edges = [0, *(np.flatnonzero(np.diff(part)) + 1), len(cut)]
    return [cut.slice(start, end - start) for start, end in pairwise(edges)]


def _terms_by_row(texts: pl.Series) -> pl.DataFrame:
    """Return the terms of each text, with the columns row, term and count."""
    words = (
        texts.rename("term")
        .str.to_lowercase()
        .str.extract_all(_WORD)
        .to_frame()
        .with_row_index("row")
        .explode("term")
        .drop_nulls("term")
    )
    following = pl.col("term").shift(-1)
    is_followed = pl.col("row") == pl.col("row").shift(-1)
    pairs = words.with_columns(pl.when(is_followed).then(pl.concat_str("term", following, separator=" ")).alias("term"))
    pairs = pairs.drop_nulls("term")
    return pl.concat([words, pairs]).group_by("row", "term", maintain_order=True).agg(pl.len().alias("count"))
