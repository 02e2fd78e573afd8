"""Describe the inputs and outputs of a model, for forms."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from trainyard.data import ColumnKind
from trainyard.trainers.tabular.encoders import Encoder
from trainyard.trainers.tabular.schema import ModelSchema

MAX_COLUMNS = 1_000
MAX_CATEGORIES = 200
MAX_TEXT = 1_000
"""Maximum length of a category in characters; longer ones are left out."""
_MAX_CHARACTERS = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def describe_model(schema: ModelSchema) -> dict[str, Any]:
    """Return task, targets, classes and inputs of a model, each with a bounded number of entries."""
    left = _MAX_CHARACTERS
    inputs = []
    for encoder in schema.encoders[:MAX_COLUMNS]:
        categories = [text for text in getattr(encoder, "levels", [])[:MAX_CATEGORIES] if len(text) <= MAX_TEXT]
        left -= sum(map(len, categories))
        if left < 0:
            categories = []
        inputs.append(
            {
                "name": encoder.column,
                "kind": encoder.kind.kind,
                "example": _example(encoder, schema.kind_of(encoder, False), categories),
                "categories": categories,
            }
        )
    return {
        "task": schema.task,
        "targets": schema.targets[:MAX_COLUMNS],
        "classes": schema.classes[:MAX_COLUMNS],
        "inputs": inputs,
        "input_count": len(schema.encoders),
    }


def _example(encoder: Encoder, kind: ColumnKind, categories: list[str]) -> str | None:
    """Return a typical value as text: the most frequent category, or the median. A number has a decimal point."""
    if categories:
        return categories[0]
    median = getattr(encoder, "median", None)
    if median is None:
        return None
    if kind.kind == "number":
        return f"{median:.6g}"
    seconds = round(median * 86_400)
    moment = _EPOCH + timedelta(seconds=seconds)
    if kind.kind == "time":
        return moment.strftime("%H:%M:%S")
    # In the order of day and month that the column has.
    day = moment.strftime({"DMY": "%d.%m.%Y", "MDY": "%m/%d/%Y"}.get(kind.date_order or "YMD", "%Y-%m-%d"))
    return day if seconds % 86_400 == 0 else f"{day} {moment:%H:%M:%S}"
