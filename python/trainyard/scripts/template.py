"""Templates of argument lists, such as ``["--data", "{dataset}", "--out={output_dir}"]``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

PLACEHOLDERS = (
    *("epochs", "batch_size", "learning_rate", "seed", "dataset"),
    *("output_dir", "resume_from", "job_id"),
)
"""Names that a template can contain in braces. Other text in braces is left as it is."""

_PLACEHOLDER = re.compile(r"\{(" + "|".join(PLACEHOLDERS) + r")\}")


def placeholders(template: Iterable[str]) -> set[str]:
    """Return the names that a template contains."""
    return {name for item in template for name in _PLACEHOLDER.findall(item)}


def expand(template: Iterable[str], values: Mapping[str, str | None]) -> list[str]:
    """Replace the placeholders of a template.

    An item with a placeholder that has no value is left out, together with a flag before it: without a dataset,
    ``["--data", "{dataset}", "--fast"]`` becomes ``["--fast"]``.
    """
    arguments: list[str] = []
    previous_is_flag = False
    for item in template:
        names = _PLACEHOLDER.findall(item)
        if any(values.get(name) is None for name in names):
            if previous_is_flag and not item.startswith("-"):
                arguments.pop()
            previous_is_flag = False
            continue
        arguments.append(_PLACEHOLDER.sub(lambda match: values[match[1]] or "", item))
        previous_is_flag = not names and item.startswith("-") and "=" not in item
    return arguments
