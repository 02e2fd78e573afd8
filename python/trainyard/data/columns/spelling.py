"""Spellings of one text: Yes, yes and YES, with or without invisible marks, are one level of a category."""

from __future__ import annotations

import polars as pl

from trainyard.data.columns.characters import same_letters, visible
from trainyard.data.columns.texts import Texts

# "a" and "A" can be different letters to recognize: with more such pairs, single letters stay apart.
_MAX_LETTER_PAIRS = 3
_MAX_NAMED = 5


def letters_differ(texts: Texts) -> bool:
    """Whether upper and lower case are different values in this column, such as the letters of an alphabet."""
    single = texts.levels.filter(texts.levels.str.len_chars() == 1).unique()
    return bool(len(single) - single.str.to_lowercase().n_unique() > _MAX_LETTER_PAIRS)


def group_spellings(texts: Texts, exact: bool) -> tuple[pl.Series, pl.Series]:
    """Return the distinct values of a category, and the position of the value for each text.

    A value is shown in its most frequent spelling. Full-width letters, and kinds of dashes and apostrophes, are equal.

    Args:
        exact: only invisible marks and spaces are ignored, not upper and lower case.

    Shapes:
        (values,) of String and (distinct texts,) of UInt32.
    """
    shown = visible(texts.levels)
    key = same_letters(shown, exact)
    cells = pl.DataFrame({"key": key, "shown": shown, "count": texts.counts})
    best = cells.group_by("key", "shown", maintain_order=True).agg(pl.col("count").sum())
    values = best.group_by("key", maintain_order=True).agg(pl.col("shown").get(pl.col("count").arg_max()))
    position = key.replace_strict(values["key"], pl.Series(range(len(values)), dtype=pl.UInt32), return_dtype=pl.UInt32)
    return values["shown"], position


def spelling_note(texts: Texts, exact: bool) -> str | None:
    """Name the values with more than one spelling; None if there are none."""
    values, position = group_spellings(texts, exact)
    if len(values) == len(texts.levels):
        return None
    spelled = pl.DataFrame({"position": position, "text": texts.levels})
    several = spelled.group_by("position", maintain_order=True).agg("text").filter(pl.col("text").list.len() > 1)
    named = [", ".join(repr(text[:40]) for text in each[:_MAX_NAMED]) for each in several["text"].head(3).to_list()]
    more = f" and {len(several) - 3} more" if len(several) > 3 else ""
    return f"different spellings count as one value: {'; '.join(named)}{more}"
