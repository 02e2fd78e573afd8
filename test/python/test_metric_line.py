"""Tests of the lines of the metrics file."""

from __future__ import annotations

import json
import math
import random

from trainyard.reporter.metric_line import MetricLines, rows_by_names


def test_a_line_is_the_json_that_the_library_writes() -> None:
    lines = MetricLines()
    random.seed(7)
    names = ("loss", "50%r", "%s", 'a "quoted" name', "slash\\", "line\nbreak", "دقت", "\ud800", "x" * 128)
    for _ in range(1000):
        values = {name: random.uniform(-1, 1) * 10 ** random.randint(-320, 308) for name in names}
        line = lines.lines(2, None, [names], [(1760320884.1, 2**53 - 1, *values.values())])
        assert line.endswith(b"\n") and line.count(b"\n") == 1
        expected = {"attempt": 2, "at": 1760320884.1, "step": 2**53 - 1, "epoch": None, "values": values}
        assert json.loads(line) == expected


def test_values_that_are_not_finite_become_texts() -> None:
    names = ("50%r", "nan", "up", "down")
    line = MetricLines().lines(1, 3, [names], [(0.5, 1, 0.5, math.nan, math.inf, -math.inf)])
    assert json.loads(line) == {
        "attempt": 1,
        "at": 0.5,
        "step": 1,
        "epoch": 3,
        "values": {"50%r": 0.5, "nan": "NaN", "up": "Infinity", "down": "-Infinity"},
    }


def test_reports_with_different_names_keep_their_order() -> None:
    names, rows = [("a",), ("b", "a"), ("a",)], [(1.0, 1, 0.5), (2.0, 1, 1.5, 2.5), (3.0, 2, 3.5)]
    lines = MetricLines().lines(1, None, names, rows).splitlines()
    assert [json.loads(line)["values"] for line in lines] == [{"a": 0.5}, {"b": 1.5, "a": 2.5}, {"a": 3.5}]
    assert [names for names, _ in rows_by_names(names, rows)] == [("b", "a"), ("a",)]


def test_finite_values_whose_sum_is_not_finite_stay_numbers() -> None:
    largest = 1.7976931348623157e308
    line = MetricLines().lines(1, None, [("a", "b")], [(0.5, 1, largest, largest)])
    assert json.loads(line)["values"] == {"a": largest, "b": largest}
