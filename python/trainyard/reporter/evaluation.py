"""The evaluation of a model: checked, bounded, and as JSON.

Implements "Evaluation" of ``src/runner/PROTOCOL.md``. Standard library only.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from trainyard.reporter.plain_number import plain_count, plain_number

Part = Literal["test", "validation", "cross_validation", "training"]
PARTS: tuple[Part, ...] = ("test", "validation", "cross_validation", "training")

MAX_METRICS = 100
"""Maximum number of metrics of an evaluation, and of its baseline."""
MAX_CLASSES = 50
"""Maximum number of classes of a confusion matrix."""
MAX_PREDICTIONS = 1_000
"""Maximum number of pairs of actual and predicted value."""
MAX_IMPORTANCE = 100
"""Maximum number of columns with an importance."""
MAX_NOTES, MAX_NOTE = 20, 500
"""Maximum number of notes, and of characters of each."""
_MAX_LABEL, _MAX_UNIT = 128, 32


def score_record(
    name: str,
    value: object,
    *,
    baseline: object = None,
    goal: Literal["max", "min"] | None = None,
    part: Part = "validation",
    epoch: int | None = None,
    rows: int | None = None,
    unit: str | None = None,
) -> dict[str, Any]:
    """Return the score of a status file. See ``Reporter.score``.

    Raises:
        TypeError: the value or the baseline is not a number.
        ValueError: the value is not finite, the part or the goal unknown, or the name too long.
    """
    _check_part(part)
    _check_goal(goal)
    number = plain_number(name, value)
    if not math.isfinite(number):
        raise ValueError(f"The score {name!r} is {number}; expected a finite number.")
    its_baseline = None if baseline is None else plain_number(name, baseline)
    return {
        "name": name,
        "value": number,
        "baseline": its_baseline if its_baseline is not None and math.isfinite(its_baseline) else None,
        "goal": goal,
        "part": part,
        "epoch": plain_count("epoch", epoch),
        "rows": plain_count("rows", rows),
        "unit": None if unit is None else str(unit)[:_MAX_UNIT],
    }


def evaluation_record(
    metrics: Mapping[str, object],
    *,
    score: str | None = None,
    goal: Literal["max", "min"] | None = None,
    part: Part = "test",
    rows: int | None = None,
    folds: int | None = None,
    epoch: int | None = None,
    chosen_by: str | None = None,
    baseline: Mapping[str, object] | None = None,
    baseline_name: str | None = None,
    units: Mapping[str, str] | None = None,
    confusion: Mapping[str, Sequence[Any]] | None = None,
    predictions: Mapping[str, Sequence[Any]] | None = None,
    importance: Mapping[str, object] | None = None,
    notes: Iterable[str] = (),
) -> dict[str, Any]:
    """Return the evaluation as a JSON object without ``job_id``, ``attempt`` and ``at``. See ``Reporter.evaluation``.

    Raises:
        TypeError: a metric is not a number.
        ValueError: there are no or too many metrics, ``score`` is none of them, the part is unknown, or the sizes of
            ``confusion`` or ``predictions`` do not fit.
    """
    _check_part(part)
    _check_goal(goal)
    if not 0 < len(metrics) <= MAX_METRICS:
        raise ValueError(f"evaluation() needs 1 to {MAX_METRICS} metrics, but has {len(metrics)}.")
    if score is not None and score not in metrics:
        raise ValueError(f"The score {score!r} is not one of the metrics {', '.join(map(repr, list(metrics)[:10]))}.")
    return {
        "version": 1,
        "part": part,
        "rows": plain_count("rows", rows),
        "folds": plain_count("folds", folds),
        "epoch": plain_count("epoch", epoch),
        "chosen_by": None if chosen_by is None else _label(chosen_by),
        "score": next(iter(metrics)) if score is None else score,
        "goal": goal,
        "metrics": {name: plain_number(name, value) for name, value in metrics.items()},
        "baseline": None
        if baseline is None
        else {
            "name": _label(baseline_name or "baseline"),
            "metrics": {name: plain_number(name, value) for name, value in list(baseline.items())[:MAX_METRICS]},
        },
        "units": {name: str(unit)[:_MAX_UNIT] for name, unit in list((units or {}).items())[:MAX_METRICS]},
        "confusion": None if confusion is None else _confusion(confusion),
        "predictions": None if predictions is None else _predictions(predictions),
        "importance": None if importance is None else _importance(importance),
        "notes": [str(note)[:MAX_NOTE] for note, _ in zip(notes, range(MAX_NOTES))],
    }


def _check_part(part: object) -> None:
    if part not in PARTS:
        raise ValueError(f"part must be one of {', '.join(map(repr, PARTS))}, but is {part!r}.")


def _check_goal(goal: object) -> None:
    if goal not in (None, "max", "min"):
        raise ValueError(f"goal must be 'max' or 'min', but is {goal!r}.")


def _confusion(given: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
    labels = [_label(label) for label in given["labels"]]
    counts = [[plain_count("counts", count) for count in row] for row in given["counts"]]
    if len(labels) > MAX_CLASSES:
        raise ValueError(f"confusion has {len(labels)} labels; at most {MAX_CLASSES} are possible. Merge rare classes.")
    if len(counts) != len(labels) or any(len(row) != len(labels) for row in counts):
        raise ValueError(f"confusion has {len(labels)} labels, so that counts must be {len(labels)} rows of as many.")
    return {"labels": labels, "counts": counts}


def _predictions(given: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
    actual = [plain_number("actual", value) for value in given["actual"]]
    predicted = [plain_number("predicted", value) for value in given["predicted"]]
    if len(actual) != len(predicted):
        raise ValueError(f"predictions has {len(actual)} actual and {len(predicted)} predicted values.")
    every = max(1, math.ceil(len(actual) / MAX_PREDICTIONS))
    return {"actual": actual[::every], "predicted": predicted[::every]}


def _importance(given: Mapping[str, object]) -> list[dict[str, Any]]:
    """Sort by value, highest first, and keep the first ones."""
    values = [{"name": _label(name), "value": plain_number("importance", value)} for name, value in given.items()]
    return sorted(values, key=lambda entry: -entry["value"])[:MAX_IMPORTANCE]  # type: ignore[operator]


def _label(text: object) -> str:
    return str(text)[:_MAX_LABEL]
