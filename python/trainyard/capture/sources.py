"""The sources of captured numbers, from the richest to the poorest, and the setting ``TRAINYARD_CAPTURE``."""

from __future__ import annotations

from collections.abc import Callable

TRAINERS = ("transformers", "lightning", "keras", "xgboost", "lightgbm")
"""Libraries with a training loop: they know steps, totals, epochs and metrics."""

LOGGERS = ("tensorboard", "mlflow", "wandb")
"""Libraries that record named numbers, mostly with a step."""

SOURCES = (*TRAINERS, *LOGGERS, "tqdm", "lines")
"""All sources. ``lines``: lines that the script prints."""

_RANKS = {
    **dict.fromkeys(TRAINERS, 0),
    **dict.fromkeys(LOGGERS, 1),
    "tqdm": 2,
    "lines": 3,
}


def rank(source: str) -> int:
    """Return the rank of a source for metrics: the lowest rank that reports a name supplies its values."""
    return _RANKS[source]


def position_rank(source: str, has_total: bool) -> int:
    """Return the rank of a source for the step: the lowest rank supplies step, total and epoch.

    Printed lines outrank libraries that log numbers only if they know the total, which makes a percentage.
    """
    if source in LOGGERS:
        return 3
    if source == "lines":
        return 2 if has_total else 4
    return 1 if source == "tqdm" else 0


def selected_sources(setting: str | None, warn: Callable[[str], object]) -> frozenset[str]:
    """Return the sources that ``TRAINYARD_CAPTURE`` selects.

    Args:
        setting: ``all`` (also if None or empty), ``none``, or names separated by commas. ``-tqdm`` removes one of all.
        warn: called with a message if a name is unknown; such a name is ignored.
    """
    words = [word.strip().lower() for word in (setting or "all").split(",") if word.strip()]
    known = {*SOURCES, "all", "none"}
    unknown = [word for word in words if word.removeprefix("-") not in known]
    if unknown:
        warn(f"TRAINYARD_CAPTURE: unknown source {unknown[0][:40]!r}: use all, none, or some of {', '.join(SOURCES)}")
    added = {word for word in words if not word.startswith("-")} - {"none"}
    removed = {word[1:] for word in words if word.startswith("-")}
    all_of_them = "all" in added or not [word for word in words if not word.startswith("-")]
    return frozenset((set(SOURCES) if all_of_them else added & set(SOURCES)) - removed)
