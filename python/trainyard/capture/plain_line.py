"""Rewrite the usual styles of a printed line as the one that the parser reads: ``name value``."""

from __future__ import annotations

import re

_COLOUR = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")  # and other sequences that move the cursor
_ARRAY = re.compile(
    r"\b(?:tensor|np\.float\d+|numpy\.float\d+|Array)\(\s*(?P<value>[^\s,()\[\]]+)(?:,[^()]*(?:\(\))?[^()]*)?\)"
)
_POSSESSIVE = re.compile(r"(?<=[a-z\d])'s ")  # LightGBM: valid_0's l2
_UNIT = re.compile(
    r"(?<=\d)\s?(?:[KMGT]i?B|(?:[KMGT]|it|samples|img|images|tok|tokens)/s(?:ec)?|[mun]?s|secs?|seconds?|min|minutes?"
    r"|hours?)\b"
)
# Such as "Loss after epoch 3: 0.5" and "Accuracy of the network on the 10000 test images: 54 %".
_NAME_FIRST = re.compile(
    r"\b(?P<name>(?:[a-z]+[ _])?(?:loss|cost|acc|accuracy|error|score|reward))\s+(?P<place>(?:after|at|for|in|of|on)\s"
    r"[^:=|;,]{0,60}?\b(?P<kind>epoch|step|iteration|iter|batch|round|episode|train|training|test|val|validation)\b"
    r"[^:=|;,]{0,30}?)\s*[:=]\s*(?=[-+.\d])",
    re.I,
)
_MAX_SENTENCE = 300  # characters
_PREPOSITION = re.compile(r"\s(?:after|at|for|in|of|on)\s", re.I)
_POSITIONS = frozenset(("epoch", "step", "iteration", "iter", "batch", "round", "episode"))


def plain_line(text: str) -> str:
    """Return a line without colours, units and the text around numbers of arrays, and with names before values."""
    if "\x1b" in text:
        text = _COLOUR.sub("", text)
    if "(" in text:
        text = _ARRAY.sub(r"\g<value>", text)
    if "'s " in text:
        text = _POSSESSIVE.sub("-", text)
    text = _UNIT.sub(";", text)
    if len(text) <= _MAX_SENTENCE and _PREPOSITION.search(text):
        text = _NAME_FIRST.sub(_reordered, text)
    return text


def _reordered(match: re.Match[str]) -> str:
    kind = match["kind"].lower()
    if kind in _POSITIONS:
        return f"{match['place']}; {match['name']}: "
    return f"{kind} {match['name']}: "
