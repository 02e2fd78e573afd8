"""The preview of a dataset describes the prediction of each column, and its baseline."""

from __future__ import annotations

from pathlib import Path

import pytest

from trainyard.data import preview
from trainyard.trainers.tabular.preview_targets import MAX_COLUMNS, preview_targets

HOUSES = "no,city,sold,price,area\n" + "".join(
    f"{row},{'oslo ' if row % 4 else 'Oslo'},2025-03-{1 + row % 28:02},{row * 1.5},{row}.25\n" for row in range(40)
)


def targets(folder: Path, content: str) -> tuple[str | None, dict[str, tuple[str, str, float] | None]]:
    path = folder / "a.csv"
    path.write_text(content)
    shown = preview(path, 1, preview_targets=preview_targets)
    found = {column["name"]: column["target"] for column in shown["columns"]}
    return shown["default_target"], {
        name: None if target is None else (target["task"], target["baseline"], target["score"])
        for name, target in found.items()
    }


def test_a_number_is_compared_with_its_mean(tmp_path: Path) -> None:
    default, found = targets(tmp_path, "x,y\n1,0.5\n2,1.5\n3,\n5,2.5\n")
    assert default == "y"
    assert found["y"] == ("regression", "1.5", pytest.approx((2 / 3) ** 0.5))


def test_classes_are_compared_with_the_most_frequent_in_any_spelling(tmp_path: Path) -> None:
    labels = ["no", "yes", "Yes", "yes ", "no", "maybe", "maybe"] * 3
    default, found = targets(tmp_path, "x,y\n" + "".join(f"{row},{label}\n" for row, label in enumerate(labels)))
    assert (default, found["y"]) == ("y", ("classification", "yes", pytest.approx(9 / 21)))


def test_identifiers_dates_and_constants_are_no_targets(tmp_path: Path) -> None:
    default, found = targets(tmp_path, HOUSES)
    assert default == "area"
    assert [name for name, target in found.items() if target is None] == ["no", "city", "sold"]


def test_a_last_column_that_cannot_be_predicted_is_no_default(tmp_path: Path) -> None:
    assert targets(tmp_path, "x,same\n1,5\n2,5\n3,5\n")[0] is None


def test_a_wide_table_describes_its_first_columns_and_the_default(tmp_path: Path) -> None:
    names = [f"c{place}" for place in range(MAX_COLUMNS + 5)]
    rows = [",".join(f"{row * place % 7}.5" for place in range(1, len(names) + 1)) for row in range(12)]
    default, found = targets(tmp_path, "\n".join([",".join(names), *rows]) + "\n")
    assert default == names[-1]
    assert found[names[-1]] is not None
    assert found[names[MAX_COLUMNS - 1]] is not None
    assert found[names[MAX_COLUMNS]] is None
