"""Tests of the lines of the metrics file."""

from __future__ import annotations

import json
import math
import random

from trainyard.reporter.metric_line import MetricLines


def test_a_line_is_the_json_that_the_library_writes() -> None:
    lines = MetricLines()
    random.seed(7)
    names = ["loss", 'a "quoted" name', "slash\\", "line\nbreak", "دقت", "\ud800", "x" * 128]
    for _ in range(1000):
        values = {name: random.uniform(-1, 1) * 10 ** random.randint(-320, 308) for name in names}
        line = lines.line(2, 1760320884.1, 2**53 - 1, None, values)
        assert line.endswith(b"\n") and line.count(b"\n") == 1
        expected = {"attempt": 2, "at": 1760320884.1, "step": 2**53 - 1, "epoch": None, "values": values}
        assert json.loads(line) == expected


def test_values_that_are_not_finite_become_texts() -> None:
    line = MetricLines().line(1, 0.5, 1, 3, {"nan": math.nan, "up": math.inf, "down": -math.inf})
    assert json.loads(line) == {
        "attempt": 1,
        "at": 0.5,
        "step": 1,
        "epoch": 3,
        "values": {"nan": "NaN", "up": "Infinity", "down": "-Infinity"},
    }
