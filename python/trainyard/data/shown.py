"""Limits on the names and texts in a description or preview."""

from __future__ import annotations

from collections.abc import Sequence

MAX_COLUMNS = 1000
# Maximum length of a name or cell, in characters; longer ones are truncated.
MAX_TEXT = 1000
# Maximum length of all names together, in characters.
MAX_NAME_CHARACTERS = 100_000


def shown_names(names: Sequence[str]) -> list[str]:
    """Return the first names, truncated: at least one, at most MAX_COLUMNS and MAX_NAME_CHARACTERS in total."""
    shown: list[str] = []
    characters = 0
    for name in names[:MAX_COLUMNS]:
        text = cut(name)
        characters += len(text)
        if shown and characters > MAX_NAME_CHARACTERS:
            break
        shown.append(text)
    return shown


def cut(text: str) -> str:
    """Truncate `text` to MAX_TEXT characters, with an ellipsis at the end."""
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…"
