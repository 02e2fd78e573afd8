"""How much of a table's names a description or a preview shows."""

from __future__ import annotations

from collections.abc import Sequence

MAX_COLUMNS = 1000
# Longer names and cells are cut.
MAX_TEXT = 1000
# Of all names that are shown, together.
MAX_NAME_CHARACTERS = 100_000


def shown_names(names: Sequence[str]) -> list[str]:
    """The first names, each cut: at most MAX_COLUMNS of them and MAX_NAME_CHARACTERS in all, and at least one."""
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
    """The text itself, or its beginning with an ellipsis where it is longer than MAX_TEXT."""
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…"
