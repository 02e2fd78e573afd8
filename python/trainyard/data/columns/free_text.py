"""Distinguish free text from labels and identifiers."""

from __future__ import annotations

import polars as pl

from trainyard.data.columns.texts import Texts

# Scripts without spaces between words: each character counts as a word.
_UNSPACED = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}]"
_MIN_WORDS = 2.0
# Labels can be long, but a text of this many words is a text even if it repeats.
_LONG_WORDS = 6.0
# More labels than the encoder of categories gives an input each.
_MAX_LABELS = 50
_SAMPLED = 2000


def is_free_text(texts: Texts) -> bool:
    """Whether the values are texts of several words that rarely repeat."""
    distinct = len(texts.levels)
    if distinct < 3:
        return False
    # A sample: every n-th text.
    every = len(texts.levels) // _SAMPLED + 1
    levels, counts = texts.levels.gather_every(every), texts.counts.gather_every(every)
    count = levels.str.count_matches(r"\S\s+\S") + levels.str.count_matches(_UNSPACED) + 1
    words = float((count * counts).sum()) / int(counts.sum())
    if not _share_words(levels):
        return False
    return (words >= _MIN_WORDS and distinct > texts.cells / 2) or (words >= _LONG_WORDS and distinct > _MAX_LABELS)


def _share_words(levels: pl.Series) -> bool:
    """Whether a word occurs in several of the texts, but not in all: "person 1" and "person 2" are not free text."""
    words = levels.str.to_lowercase().str.extract_all(rf"{_UNSPACED}|[\p{{L}}\p{{N}}]+").list.unique().explode()
    counts = words.drop_nulls().value_counts(name="texts")["texts"]
    return bool(counts.is_between(2, len(levels) - 1).any())


def is_identifier(texts: Texts) -> bool:
    """Whether almost every row has its own text."""
    distinct = len(texts.levels)
    return distinct > 2 and (distinct == texts.cells or (distinct >= 40 and distinct >= 0.95 * texts.cells))
