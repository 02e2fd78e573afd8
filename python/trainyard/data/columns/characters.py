"""Characters that look alike: invisible marks, spaces, minus signs, apostrophes and the digits of other scripts."""

from __future__ import annotations

import sys
import unicodedata

import polars as pl

# Zero-width characters, soft hyphens, direction marks and byte order marks.
_INVISIBLE = (
    r"[\u{00AD}\u{034F}\u{061C}\u{180E}\u{200B}-\u{200F}\u{202A}-\u{202E}\u{2060}-\u{2064}\u{2066}-\u{2069}\u{FEFF}]"
)
# Hyphens and dashes, U+2212, and the small and full-width hyphens.
MINUS_SIGNS = "\u2010\u2011\u2012\u2013\u2212\ufe63\uff0d"
_MINUS = dict.fromkeys(MINUS_SIGNS, "-")
_APOSTROPHES = dict.fromkeys("\u2019\u2018`\u00b4\u02bc\uff07", "'")
# The Arabic decimal and thousands separators, and percent sign.
_SEPARATORS = {"\u066b": ".", "\u066c": ",", "\u066a": "%"}
_DIGITS = {
    character: str(unicodedata.decimal(character))
    for character in map(chr, range(0x80, sys.maxunicode + 1))
    if unicodedata.category(character) == "Nd"
}
# Full-width letters and marks, and kinds of dashes and apostrophes.
_SAME = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | _APOSTROPHES | _MINUS
_SAME_CODES = str.maketrans(_SAME)
_FEW = 500
_NUMBER_CHARACTERS = _MINUS | _APOSTROPHES | _SEPARATORS | _DIGITS


def visible(texts: pl.Series) -> pl.Series:
    """Return the texts without invisible marks, with single spaces, stripped, and in Unicode's composed form (NFC).

    Shape:
        (n,) of String -> (n,) of String.
    """
    if not _has_unusual(texts):
        return texts
    return texts.str.normalize("NFC").str.replace_all(_INVISIBLE, "").str.replace_all(r"\s+", " ").str.strip_chars()


def ascii_numbers(texts: pl.Series) -> pl.Series:
    """Return the texts with ASCII digits, minus signs, apostrophes and spaces, so that numbers can be parsed.

    Shape:
        (n,) of String -> (n,) of String.
    """
    if _is_ascii(texts):
        return texts
    normal = visible(texts).str.normalize("NFKC").str.strip_chars()
    return normal.str.replace_many(list(_NUMBER_CHARACTERS), list(_NUMBER_CHARACTERS.values()))


def same_letters(texts: pl.Series, exact: bool) -> pl.Series:
    """Return the texts in a form in which different spellings are equal.

    Args:
        exact: keep upper and lower case.

    Shape:
        (n,) of String -> (n,) of String.
    """
    if not _is_ascii(texts):
        texts = texts.str.replace_many(list(_SAME), list(_SAME.values()))
    if exact:
        return texts
    lower = texts.str.to_lowercase()
    # As Unicode folds case: Turkish İ is "i" and a dot in lower case.
    return lower if _is_ascii(lower) else lower.str.replace_many(["ß", "i\u0307"], ["ss", "i"])


def folded(text: str) -> str:
    """Return one text as `same_letters` does, without case."""
    return text.translate(_SAME_CODES).lower().replace("ß", "ss").replace("i\u0307", "i")


def _has_unusual(texts: pl.Series) -> bool:
    return not _is_ascii(texts) or bool(texts.str.contains(r"\s\s|[\t\r\n\v\f]").any())


def _is_ascii(texts: pl.Series) -> bool:
    if len(texts) <= _FEW:  # faster than three operations of Polars
        return all(text is None or text.isascii() for text in texts.to_list())
    # One byte for each character.
    return bool((texts.str.len_bytes() == texts.str.len_chars()).all())
