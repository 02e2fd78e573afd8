"""Recognizes that two sources report the same number under different names."""

from __future__ import annotations

import re
from functools import lru_cache

_WORDS = re.compile(r"[^\W_]+")
_IGNORED = frozenset({"train", "training", "epoch", "step", "avg", "average", "mean"})
_SAME = {"eval": "val", "valid": "val", "validation": "val", "evaluation": "val", "acc": "accuracy"}


@lru_cache(maxsize=16_384)
def metric_key(name: str) -> frozenset[str]:
    """Return the same key for names that mean the same, such as ``train/loss``, ``Loss/train`` and ``loss``."""
    words = {_SAME.get(word, word) for word in _WORDS.findall(name.lower())}
    return frozenset(words - _IGNORED or words)
