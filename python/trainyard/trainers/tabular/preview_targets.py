"""Describe the columns of a dataset as targets, for its preview."""

from __future__ import annotations

from pathlib import Path

from trainyard.data import Inferred, InvalidDatasetError
from trainyard.data.columns.spelling import group_spellings
from trainyard.data.columns.texts import distinct_texts
from trainyard.data.preview import TargetPreview
from trainyard.data.shown import cut
from trainyard.trainers.tabular.target import check_content, default_target, load_target

MAX_COLUMNS = 200
"""Columns that are described, besides the default target: about 1 ms each."""


def preview_targets(columns: dict[str, Inferred], path: Path) -> tuple[str | None, dict[str, TargetPreview]]:
    """Return the default target, and the columns that can be predicted. Implements ``PreviewTargets``."""
    default = default_target(columns)
    described = dict.fromkeys([*list(columns)[:MAX_COLUMNS], *([] if default is None else [default])])
    found = {name: _preview(columns[name], path) for name in described}
    targets = {name: target for name, target in found.items() if target is not None}
    return (default if default in targets else None), targets


def _preview(column: Inferred, path: Path) -> TargetPreview | None:
    try:
        check_content(column, path)
        task, loaded = load_target(column, "auto", path)
    except InvalidDatasetError:
        return None
    if loaded.numbers is not None:
        mean, deviation = loaded.numbers.mean(), loaded.numbers.std(ddof=0)
        if not isinstance(mean, float) or not isinstance(deviation, float):
            return None
        return {"task": task, "baseline": f"{mean:.6g}", "score": deviation}
    texts = distinct_texts(loaded.cells.cast(str))
    classes, position = group_spellings(texts, loaded.kind.exact)
    if len(classes) < 2:  # spellings of one class
        return None
    counts = texts.counts.to_frame("count").with_columns(position.alias("class")).group_by("class").sum()
    most = counts.row(counts["count"].arg_max() or 0, named=True)
    return {"task": task, "baseline": cut(classes[most["class"]]), "score": most["count"] / texts.cells}
