"""Rows are split into training, validation and test without overlap, reproducibly, and as the options say."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="PyTorch is not installed: nothing can be trained")

from trainyard.trainers.tabular.split import (
    ANY_ORDER,
    MIN_ROWS,
    MIN_ROWS_WITH_TEST,
    Parts,
    RowOrder,
    Targets,
    split_folds,
    split_parts,
    split_rows,
)


def targets_of(kind: str, rows: int, seed: int = 0) -> Targets:
    random = np.random.default_rng(seed)
    return random.integers(3, size=rows) if kind == "classes" else random.normal(size=(rows, 1))


def assert_complete(parts: Parts, rows: int) -> None:
    together = np.concatenate([parts.training, parts.validation, parts.test])
    assert sorted(together) == list(range(rows))


@pytest.mark.parametrize("kind", ["classes", "numbers"])
@pytest.mark.parametrize("rows", [MIN_ROWS, 6, 7, 10, 33, 1000])
@pytest.mark.parametrize("test", [0, 0.01, 0.2, 0.5])
def test_every_row_is_in_one_part(kind: str, rows: int, test: float) -> None:
    for seed in range(5):
        parts = split_parts(targets_of(kind, rows, seed), 0.2, test, seed)
        assert_complete(parts, rows)
        assert len(parts.training) >= 2 and len(parts.validation) >= 2
        assert (len(parts.test) >= 2) == (test > 0 and rows >= MIN_ROWS_WITH_TEST)


def test_the_parts_have_their_shares_and_every_class_and_range() -> None:
    classes = np.repeat([0, 1, 2], [600, 300, 100])
    parts = split_parts(classes, 0.2, 0.2, 1)
    assert [len(part) for part in (parts.training, parts.validation, parts.test)] == [600, 200, 200]
    assert list(np.bincount(classes[parts.test])) == [120, 60, 20]
    assert list(np.bincount(classes[parts.validation])) == [120, 60, 20]
    numbers = np.arange(1000.0)[:, None]
    parts = split_parts(numbers, 0.2, 0.2, 1)
    for part in (parts.validation, parts.test):
        assert list(np.histogram(numbers[part], bins=10, range=(0, 1000))[0]) == pytest.approx([20] * 10, abs=2)


def test_the_same_seed_gives_the_same_parts_and_without_test_those_of_earlier_versions() -> None:
    classes = targets_of("classes", 90)
    one, two, other = (split_parts(classes, 0.2, 0.2, seed) for seed in (1, 1, 2))
    assert (one.test == two.test).all() and (one.training == two.training).all()
    assert set(one.test) != set(other.test)
    training, validation = split_rows(classes, 0.2, 1)
    parts = split_parts(classes, 0.2, 0, 1)
    assert (parts.training == training).all() and (parts.validation == validation).all()


@pytest.mark.parametrize("groups", [3, 4, 11, 50])
@pytest.mark.parametrize("seed", range(5))
def test_a_group_is_in_one_part(groups: int, seed: int) -> None:
    of_row = np.random.default_rng(seed).permutation(np.arange(200) % groups)
    parts = split_parts(targets_of("classes", 200), 0.2, 0.2, seed, RowOrder(groups=of_row))
    assert_complete(parts, 200)
    each = [set(of_row[part]) for part in (parts.training, parts.validation, parts.test)]
    assert all(each) and sum(map(len, each)) == groups
    if groups == 50:
        assert [len(part) for part in (parts.training, parts.validation, parts.test)] == pytest.approx(
            [120, 40, 40], abs=4
        )


@pytest.mark.parametrize("counts", [[1] * 100, [2, 2, 1], [90, 5, 5], [5, 5, 90], [2, 90, 8], [30, 30, 40]])
def test_the_test_part_has_the_newest_rows(counts: list[int]) -> None:
    times = np.random.default_rng(0).permutation(np.repeat(np.arange(len(counts), dtype=float), counts))
    parts = split_parts(targets_of("numbers", len(times)), 0.2, 0.2, 0, RowOrder(times=times))
    assert_complete(parts, len(times))
    assert times[parts.training].max() < times[parts.validation].min()
    assert times[parts.validation].max() < times[parts.test].min()


@pytest.mark.parametrize("kind", ["classes", "numbers"])
@pytest.mark.parametrize(("rows", "folds"), [(5, 5), (8, 2), (9, 5), (103, 5), (100, 20)])
def test_every_row_is_tested_once_in_folds(kind: str, rows: int, folds: int) -> None:
    targets = targets_of(kind, rows)
    tested = []
    for parts in split_folds(targets, folds, 0.2, 0, ANY_ORDER):
        assert_complete(parts, rows)
        assert len(parts.training) >= 2 and len(parts.validation) >= 2
        tested.append(parts.test)
    assert len(tested) == folds and sorted(np.concatenate(tested)) == list(range(rows))


def test_rows_of_a_rare_class_go_to_different_folds() -> None:
    classes = np.repeat([0, 1], [117, 5])
    for parts in split_folds(classes, 5, 0.2, 3, ANY_ORDER):
        assert (classes[parts.test] == 1).sum() == 1


def test_a_group_is_tested_in_one_fold() -> None:
    of_row = np.arange(90) % 7
    for parts in split_folds(targets_of("numbers", 90), 5, 0.2, 0, RowOrder(groups=of_row)):
        assert_complete(parts, 90)
        assert not set(of_row[parts.test]) & set(of_row[parts.training])
        assert not set(of_row[parts.validation]) & set(of_row[parts.training])
