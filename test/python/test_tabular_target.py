"""Choice of target columns and task, without PyTorch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from trainyard.data import InvalidDatasetError, infer_table, read_table
from trainyard.trainers.tabular.options import OPTIONS_SCHEMA, Options
from trainyard.trainers.tabular.target import Target, choose_target


def choose(folder: Path, values: list[Any], name: str = "y", **options: Any) -> Target:
    path = folder / "a.csv"
    path.write_text(f"x,Size,{name}\n" + "".join(f"{row},{row % 7},{value}\n" for row, value in enumerate(values)))
    return choose_target(infer_table(read_table(path)), Options.read(options), path)


@pytest.mark.parametrize(
    ("values", "task"),
    [
        ([0.5 * row for row in range(30)], "regression"),
        ([row * row for row in range(30)], "regression"),
        ([row % 2 for row in range(30)], "classification"),
        ([1 + row % 2 for row in range(30)], "classification"),
        ([(-1) ** row for row in range(30)], "classification"),
        ([f"{row % 2}.0" for row in range(30)], "classification"),
        ([row % 10 for row in range(60)], "classification"),
        ([1 + row % 3 for row in range(30)], "classification"),
        ([10 * (row % 5) for row in range(30)], "classification"),
        ([3 + row % 6 for row in range(30)], "classification"),
        ([row % 12 for row in range(120)], "classification"),
        ([0, 1, 2, 3, 5] * 20 + [8, 13], "regression"),
        ([row % 25 for row in range(300)], "regression"),
        ([row % 10 for row in range(12)], "regression"),
        ([0.5 + row % 2 for row in range(30)], "regression"),
        (["yes", "no"] * 15, "classification"),
        (["True", "False", ""] * 10, "classification"),
        (["+", "-"] * 15, "classification"),
        (["1", "2", "3", "more"] * 8, "classification"),
    ],
)
def test_the_task_is_inferred_from_the_values(tmp_path: Path, values: list[Any], task: str) -> None:
    assert choose(tmp_path, values).task == task


def test_the_task_can_be_set(tmp_path: Path) -> None:
    assert choose(tmp_path, [row % 2 for row in range(30)], task="regression").task == "regression"
    assert choose(tmp_path, [3 + row % 6 for row in range(30)], task="classification").task == "classification"


def test_the_last_column_is_the_default_target(tmp_path: Path) -> None:
    values = [0.5 * row for row in range(30)]
    assert choose(tmp_path, values).names == ["y"]
    assert choose(tmp_path, values, target="x").names == ["x"]
    assert choose(tmp_path, values, target=["y", "x"]).names == ["y", "x"]


NUMBERS = [0.5 * row for row in range(30)]


@pytest.mark.parametrize(
    ("values", "options", "words"),
    [
        (NUMBERS, {"target": "size"}, "'size' not found. Did you mean 'Size'? Available columns: x, Size, y."),
        (NUMBERS, {"target": ["y", "X"]}, "Did you mean 'x'?"),
        (NUMBERS, {"target": "price"}, "target column 'price' not found. Available columns: x, Size, y."),
        (NUMBERS, {"target": ["x", "Size", "y"]}, "every column is a target"),
        ([""] * 30, {}, "column 'y': the target is empty in all 30 rows"),
        ([7] * 30, {}, "column 'y': the target has the same value in every row ('7')"),
        (["no", ""] * 15, {}, "the target has the same value in every row ('no')"),
        ([*NUMBERS, "abc"], {}, "line 32, column 'y': 'abc' is not a number"),
        (["a", "b"] * 15, {"task": "regression"}, "line 2, column 'y': 'a' is not a number"),
        (NUMBERS, {"task": "classification"}, 'Set the option task to "regression"'),
        ([f"name{row}" for row in range(30)], {}, "may be an identifier"),
        ([f"2025-01-{1 + row}" for row in range(30)], {}, "dates"),
        (["a", "b"] * 15, {"target": ["x", "y"]}, "column 'y': this target is not numeric"),
        (NUMBERS, {"target": ["x", "y"], "task": "classification"}, "several targets require regression"),
    ],
)
def test_an_unsuitable_target_is_rejected_with_advice(
    tmp_path: Path, values: list[Any], options: dict[str, Any], words: str
) -> None:
    with pytest.raises(InvalidDatasetError) as raised:
        choose(tmp_path, values, **options)
    assert words in str(raised.value)
    assert str(raised.value).startswith("a.csv")


def test_an_unknown_option_is_rejected_with_the_most_similar_name() -> None:
    with pytest.raises(ValueError, match="Did you mean 'patience'"):
        Options.read({"patiense": 3})


def test_every_option_has_a_description_and_a_default_and_unknown_ones_are_rejected() -> None:
    assert OPTIONS_SCHEMA["additionalProperties"] is False
    for schema in OPTIONS_SCHEMA["properties"].values():
        assert schema["description"].endswith(".")
        assert "default" in schema
    assert Options.read({}) == Options.read({name: s["default"] for name, s in OPTIONS_SCHEMA["properties"].items()})
