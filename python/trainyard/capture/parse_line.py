"""Find epoch, step and metrics in a line that a training script prints."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

_THOUSANDS = r"\d{1,3}(?:,\d{3})+(?!,?\d)"
_COUNT = rf"({_THOUSANDS}|\d+)"
_NUMBER = rf"(?:[-+]?(?:{_THOUSANDS}(?:\.\d+)?|\d+\.\d*|\.\d+|\d+(?!,?\d))(?:e[-+]?\d+)?|nan|[-+]?inf)(?![\w.]\w)"
_OF = rf"(?:\s*(?:/|of)\s*{_COUNT})?"
_EPOCH = re.compile(r"\bepochs?\b\s*[:=#]?\s*[\[(]?\s*(\d+)(?![\d.]*\.\d)" + _OF, re.I)
_STEP = re.compile(
    r"(?<![\w/])(?:global[ _]?steps?|steps?|iters?|iterations?|batch)\b\s*[:=#]?\s*[\[(]?\s*" + _COUNT + _OF, re.I
)
_FRACTION = re.compile(
    r"\[\s*(\d+)\s*/\s*(\d+)|(?<![\w./])(\d+)\s*/\s*(\d+)\s*(?:batches|steps|iters|iterations|it)\b", re.I
)
_PAIR_OF_COUNTS = re.compile(r"\s*\[\s*(\d+),\s*(\d+)\]")
# The name is a whole word: in an address (0x7f19a651fd90) or a hash, digits and letters alternate.
_METRIC = re.compile(
    r"(?<!\w)(?P<name>[a-z][\w@./()-]*(?: (?!(?:nan|inf|is)\b)[a-z][\w@.-]*){0,2})"
    r"(?:['\"]?\s*(?:[:=]|\bis\b)\s*|['\"]\s*|\s+)"
    rf"(?:\d+/\d+ \((?P<share>{_NUMBER})\s*%\)|(?P<value>{_NUMBER})(?!\s*/\s*\d))",
    re.I,
)
# fmt: off
_KNOWN = frozenset({
    "loss", "losses", "nll", "ce", "bce", "logloss", "kl", "elbo", "acc", "accuracy", "err", "error", "auc", "auroc",
    "f1", "precision", "recall", "map", "top1", "top5", "ppl", "perplexity", "bpc", "bpb", "bleu", "rouge", "wer",
    "cer", "rmse", "mae", "mse", "mape", "r2", "iou", "miou", "dice", "psnr", "ssim", "fid", "lr", "norm", "score",
    "reward", "return",
})
# fmt: on
_WORD = re.compile(r"(?<![a-z\d])(?:[a-z]+\d?|\d+)(?![a-z\d])", re.I)
_DATASET = re.compile(r"\W*(?:\*+\s*)?(test|val|valid|validation|eval|evaluation)\b", re.I)
_PREFIXES = {
    "test": "test_",
    "val": "val_",
    "valid": "val_",
    "validation": "val_",
    "eval": "val_",
    "evaluation": "val_",
}
_DROPPED = re.compile(
    r"\b(?:average|avg|mean|the|and|train|training|set|test|val|valid|validation|eval|epoch)\b[ _/.-]*", re.I
)
_RELEVANT = re.compile(
    r"epoch|step|iter|batch|loss|acc|err|auc|f1|score|reward|lr|ppl|perplexity|\[\s*\d+\s*[/,]", re.I
)
_BAR = re.compile(r"%\||it/s|s/it|\[[=>#.]{5,}|[\u2500-\u259f]|[\r\b]")  # tqdm, Keras, rich
_COLOUR = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")  # and other sequences that move the cursor
_MAX_LENGTH = 2_000
_MAX_METRICS = 50


@dataclass(frozen=True)
class Line:
    """The numbers of one line. Counts are as printed: they may start at 0."""

    epoch: int | None = None
    epochs: int | None = None
    step: int | None = None
    """Step or batch; in the epoch if ``epoch`` is given."""
    steps: int | None = None
    metrics: dict[str, float] = field(default_factory=dict)


def parse_line(text: str) -> Line | None:
    """Return the progress in a line; None if it has none, or is part of a progress bar."""
    if len(text) > _MAX_LENGTH or not _RELEVANT.search(text) or _BAR.search(text):
        return None
    text = _COLOUR.sub("", text)
    epoch, epochs, rest = _take(_EPOCH, text)
    fractions = [_counts(match) for match in _FRACTION.finditer(rest)]
    if epoch is None and len(fractions) > 1:  # [epoch/epochs][batch/batches]
        epoch, epochs = fractions.pop(0)
    step, steps = fractions[0] if fractions else (None, None)
    if step is None:
        step, steps, rest = _take(_STEP, rest)
    pair = _PAIR_OF_COUNTS.match(text) if epoch is None and step is None else None
    if pair:  # [epoch, batch]
        epoch, step = int(pair[1]), int(pair[2])
    metrics = _metrics(rest)
    if not metrics and (epoch is None or pair):  # such as "Files [1/3] loaded", or a list of two numbers
        return None
    return Line(epoch, epochs, step, steps, metrics)


def _take(pattern: re.Pattern[str], text: str) -> tuple[int | None, int | None, str]:
    """Return a count, its total, and the text without them."""
    match = pattern.search(text)
    if match is None:
        return None, None, text
    return _int(match[1]), _int(match[2]) if match[2] else None, f"{text[: match.start()]}; {text[match.end() :]}"


def _counts(match: re.Match[str]) -> tuple[int, int]:
    done, total = (group for group in match.groups() if group is not None)
    return _int(done), _int(total)


def _int(count: str) -> int:
    return int(count.replace(",", ""))


def _metrics(text: str) -> dict[str, float]:
    match = _DATASET.match(text)
    dataset = None if match is None else match[1].lower()
    metrics: dict[str, float] = {}
    for match in _METRIC.finditer(text):
        name = _metric_name(match["name"], dataset)
        if name is not None and len(metrics) < _MAX_METRICS:
            metrics.setdefault(name, float((match["share"] or match["value"]).replace(",", "")))
    return metrics


@lru_cache(maxsize=1_024)  # a script prints the same words in each line
def _metric_name(words: str, dataset: str | None) -> str | None:
    """Return the name of a metric, such as ``test_loss``; None if the words do not name one.

    Args:
        dataset: word at the start of the line that names a part of the data, such as ``test``.
    """
    if not _KNOWN.intersection(word.lower() for word in _WORD.findall(words)):
        return None
    own_dataset = re.search(r"(?<![a-z])(test|val|valid|validation|eval)(?![a-z])", words, re.I)
    part = own_dataset[1].lower() if own_dataset else dataset
    plain = _DROPPED.sub("", words.replace("_", " ") if " " in words or own_dataset else words)
    name = re.sub(r"[\s_]+", "_", plain.strip(" _-:/.")).lower()
    if not name:
        return None
    return f"{_PREFIXES.get(part, 'val_') if part else ''}{name}"[:128]
