"""Find named numbers in a printed line: its metrics, and the part of the data that they are measured on."""

from __future__ import annotations

import re
from functools import lru_cache

THOUSANDS = r"\d{1,3}(?:,\d{3})+(?!,?\d)"
"""A whole number with separators, such as ``1,200``."""

# Neither a part of a version, an address or a word, nor of a date (2026-11-26) or a time (12:33).
_NUMBER = (
    rf"(?:[-+]?(?:{THOUSANDS}(?:\.\d+)?|\d+\.\d*|\.\d+|\d+(?!,?\d))(?:e[-+]?\d+)?|nan|[-+]?inf(?:inity)?)"
    r"(?![\w.]*\w|[:-]\d)"
)
# The name is a whole word: in an address (0x7f19a651fd90) or a hash, digits and letters alternate.
_METRIC = re.compile(
    r"(?<!\w)(?<!--)(?P<name>[a-z][\w@./()-]*(?: (?!(?:nan|inf|is)\b)[a-z][\w@.-]*){0,2})"
    r"(?:['\"]?\s*(?:[:=]|\bis\b)\s*['\"]?|['\"]\s*|\s+)"
    rf"(?:\d+/\d+ \((?P<share>{_NUMBER})\s*%\)|(?P<value>{_NUMBER})(?!\s*/\s*\d))",
    re.I,
)
# fmt: off
_KNOWN = frozenset({
    "loss", "losses", "cost", "nll", "ce", "bce", "logloss", "kl", "elbo", "acc", "accuracy", "err", "error", "auc",
    "auroc", "f1", "precision", "recall", "map", "top1", "top5", "ppl", "perplexity", "bpc", "bpb", "bleu", "rouge",
    "wer", "cer", "rmse", "mae", "mse", "mape", "r2", "iou", "miou", "dice", "psnr", "ssim", "fid", "lr", "norm",
    "score", "reward", "return",
})
# Words of sentences about settings, files and events.
_NO_NAME = frozenset({
    "code", "exit", "http", "errno", "file", "port", "md5", "sha", "threshold", "weight", "weights", "layers", "using",
    "from", "to", "improved", "decreased", "increased", "reduced", "reducing", "loaded", "version", "at", "took",
    "namespace",
})
# fmt: on
_WORD = re.compile(r"(?<![a-z\d])(?:[a-z]+\d?|\d+)(?![a-z\d])", re.I)
_LEARNING_RATE = re.compile(r"\blearning[ _]rate\b", re.I)
_LOG_LEVEL = re.compile(r"\b(?:INFO|DEBUG)\b")
_DATASET = re.compile(r"\W*(?:\*+\s*)?(test|val|valid|validation|validating|eval|evaluation|evaluating)\b", re.I)
_OWN_DATASET = re.compile(r"(?<![a-z])(test|val|valid|validation|eval)(?![a-z])", re.I)
_TRAINING = re.compile(r"(?<![a-z])train(?:ing)?(?![a-z])", re.I)
_PREFIXES = {
    "test": "test_",
    "val": "val_",
    "valid": "val_",
    "validation": "val_",
    "eval": "val_",
    "evaluation": "val_",
    "validating": "val_",
    "evaluating": "val_",
}
_DROPPED = re.compile(
    r"\b(?:average|avg|mean|the|and|current|train|training|set|test|val|valid|validation|eval|epoch|with|saving|saved|"
    r"checkpoint|model)\b[ _/.-]*",
    re.I,
)
_MAX_METRICS = 50


def dataset_of(text: str) -> str | None:
    """Return the word at the start of a line that names a part of the data other than that for training.

    The time and the level of a log message can be before it.
    """
    level = _LOG_LEVEL.search(text)
    match = _DATASET.match(text, level.end() if level else 0)
    return None if match is None else match[1].lower()


def has_dataset(name: str) -> bool:
    """Whether the name of a metric says on which part of the data it is measured, such as ``val_loss``."""
    return bool(_OWN_DATASET.search(name) or _TRAINING.search(name))


def metrics_of(text: str, dataset: str | None) -> dict[str, float]:
    """Return the metrics of a line by name.

    Args:
        dataset: part of the data that names without one belong to, such as ``test``.
    """
    metrics: dict[str, float] = {}
    for match in _METRIC.finditer(text):
        name = _metric_name(match["name"], dataset)
        if name is not None and len(metrics) < _MAX_METRICS:
            metrics.setdefault(name, float((match["share"] or match["value"]).replace(",", "")))
    return metrics


@lru_cache(maxsize=1_024)  # a script prints the same words in each line
def _metric_name(words: str, dataset: str | None) -> str | None:
    """Return the name of a metric, such as ``test_loss``; None if the words do not name one."""
    found = {word.lower() for word in _WORD.findall(words)}
    if found & _NO_NAME or not (found & _KNOWN or _LEARNING_RATE.search(words)):
        return None
    own_dataset = _OWN_DATASET.search(words)
    part = own_dataset[1].lower() if own_dataset else None if _TRAINING.search(words) else dataset
    plain = _DROPPED.sub("", words.replace("_", " ") if " " in words or own_dataset else words)
    name = re.sub(r"[\s_]+", "_", plain.strip(" _-:/.")).lower()
    if not name:
        return None
    return f"{prefix_of(part)}{name}"[:128]


def prefix_of(dataset: str | None) -> str:
    """Return the prefix of metrics for a part of the data: ``test_``, ``val_``, or none for training."""
    return "" if dataset is None else _PREFIXES.get(dataset, "val_")
