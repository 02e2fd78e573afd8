"""Find epoch, step and metrics in a line that a training script prints."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from trainyard.capture.line_metrics import THOUSANDS, dataset_of, metrics_of
from trainyard.capture.plain_line import plain_line

_COUNT = rf"({THOUSANDS}|\d+)"
_OF = rf"(?:\s*(?:/|of)\s*{_COUNT})?"
_SIGN = r"['\"]?\s*(?:number|no\.?)?\s*[:=#]?\s*[\[(]?\s*"
_EPOCH = re.compile(
    rf"(?<!best )(?<!best_)\b(?:epochs?|ep)(?:\((?:train|val|test)\))?(?![a-z]){_SIGN}(\d+)(?![\d.]*\.\d){_OF}", re.I
)
_TRAIN_EPOCH = re.compile(r"^\s*train:?\s*(\d+)()(?=\s*\[)", re.I)  # timm: Train: 3 [  50/1251 ...]
_EPOCHS = re.compile(r"\bepochs['\"]?\s*(?:[:=]\s*)?(\d+)(?!\s*(?:/|of)\s*\d)\b", re.I)  # a setting: --epochs 10
_VALIDATION_EPOCH = re.compile(r"\bepoch\((val|test)\)", re.I)  # MMEngine
_STEP = re.compile(
    r"(?<![\w/])(?:global[ _]?steps?|steps?|iters?|iterations?|batch|episodes?|rounds?)\b" + _SIGN + _COUNT + _OF, re.I
)
_AFTER = re.compile(rf"\bafter {_COUNT} ()(?:steps|iterations|iters|batches|episodes|rounds)\b", re.I)
_FRACTION = re.compile(
    r"\[\s*(\d+)\s*/\s*(\d+)|(?<![\w./])(\d+)\s*/\s*(\d+)\s*(?:batches|steps|iters|iterations|it)\b"
    r"|(?:^|;\s*:)\s*\(?(\d+)\s*/\s*(\d+)\)?(?=[\s|:,-]+[a-z])",
    re.I,
)
_PAIR_OF_COUNTS = re.compile(r"\s*\[\s*(\d+),\s*(\d+)\]")
_RELEVANT = re.compile(
    r"epoch|step|iter|batch|loss|cost|acc|err|auc|f1|score|reward|lr|ppl|perplexity|\[\s*\d+\s*[/,]", re.I
)
_BAR = re.compile(r"%\||it/s|s/it|\[[=>#.]{5,}|[\u2500-\u259f]|[\r\b]")  # tqdm, Keras, rich
_SETTINGS = "Namespace("  # of argparse
_RATES = {"lr", "learning_rate"}  # settings that are metrics too
_MAX_LENGTH = 2_000


@dataclass(frozen=True)
class Line:
    """The numbers of one line. Counts are as printed: they may start at 0."""

    epoch: int | None = None
    epochs: int | None = None
    step: int | None = None
    """Step or batch; in the epoch if ``epoch`` is given."""
    steps: int | None = None
    metrics: dict[str, float] = field(default_factory=dict)
    dataset: str | None = None
    """Part of the data at the start of the line, such as ``test``; None for training."""


def parse_line(text: str, dataset: str | None = None) -> Line | None:
    """Return the progress in a line; None if it has none, or is part of a progress bar.

    Args:
        dataset: part of the data that the lines before it name, if this line belongs to them.
    """
    if len(text) > _MAX_LENGTH or not _RELEVANT.search(text) or _BAR.search(text) or _SETTINGS in text:
        return None
    text = plain_line(text)
    epoch, epochs, rest = _take_epoch(text)
    fractions = [_counts(match) for match in _FRACTION.finditer(rest)]
    if epoch is None and len(fractions) > 1:  # [epoch/epochs][batch/batches]
        epoch, epochs = fractions.pop(0)
    step, steps = fractions[0] if fractions else (None, None)
    if step is None:
        step, steps, rest = _take(rest, _STEP, _AFTER)
    pair = _PAIR_OF_COUNTS.match(text) if epoch is None and step is None else None
    if pair:  # [epoch, batch]
        epoch, step = int(pair[1]), int(pair[2])
    named = _VALIDATION_EPOCH.search(text) if "poch(" in text else None
    dataset = named[1].lower() if named else dataset_of(rest) or dataset
    metrics = metrics_of(rest, dataset)
    if epoch is not None and epochs is None and not metrics.keys() - _RATES:
        setting = _EPOCHS.search(text)
        if setting and epoch == int(setting[1]):
            return Line(epochs=epoch)
    if not metrics and (epoch is None or pair):  # such as "Files [1/3] loaded", or a list of two numbers
        return None
    return Line(epoch, epochs, step, steps, metrics, dataset)


def _take_epoch(text: str) -> tuple[int | None, int | None, str]:
    return _take(text, _EPOCH, _TRAIN_EPOCH)


def _take(text: str, *patterns: re.Pattern[str]) -> tuple[int | None, int | None, str]:
    """Return a count, its total, and the text without them."""
    for pattern in patterns:
        match = pattern.search(text)
        if match is not None:
            rest = f"{text[: match.start()]}; {text[match.end() :]}"
            return _int(match[1]), _int(match[2]) if match[2] else None, rest
    return None, None, text


def _counts(match: re.Match[str]) -> tuple[int, int]:
    done, total = (group for group in match.groups() if group is not None)
    return _int(done), _int(total)


def _int(count: str) -> int:
    return int(count.replace(",", ""))
