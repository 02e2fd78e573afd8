"""The pace at which the status file is written, with times instead of waits."""

from __future__ import annotations

from itertools import pairwise

import pytest

from trainyard.reporter.write_pace import WritePace


def writes(pace: WritePace, seconds: float, cost: float, start: float = 0.0) -> list[float]:
    """Return the times of the writes of a training that reports every millisecond."""
    times: list[float] = []
    now = start
    while now < start + seconds:
        if pace.is_due(now):
            times.append(now)
            pace.written(now, now + cost)
            now += cost
        now += 0.001
    return times


def test_quick_writes_follow_each_other_after_the_interval() -> None:
    assert len(writes(WritePace(0.1), seconds=10, cost=0.0001)) == pytest.approx(100, abs=2)


def test_a_job_is_live_from_the_start_although_writes_take_long() -> None:
    assert len(writes(WritePace(0.1), seconds=1, cost=0.001)) >= 9


@pytest.mark.parametrize("cost", [0.0004, 0.0008])
def test_later_writes_take_a_small_share_of_the_time(cost: float) -> None:
    times = writes(WritePace(0.1), seconds=60, cost=cost)
    later = [time for time in times if time >= 30]
    assert len(later) * cost <= 30 * 0.0026
    assert max(after - before for before, after in pairwise(later)) <= 0.41


def test_a_very_slow_disk_still_gets_a_write_every_second() -> None:
    times = writes(WritePace(0.1), seconds=60, cost=0.05)
    assert max(after - before for before, after in pairwise(times)) < 0.5


def test_one_slow_write_does_not_delay_the_next() -> None:
    pace = WritePace(0.1)
    pace.written(0.0, 0.015)
    assert pace.is_due(0.101)


def test_a_pause_makes_the_next_writes_quick_again() -> None:
    pace = WritePace(0.1)
    writes(pace, seconds=60, cost=0.002)
    assert len(writes(pace, seconds=0.55, cost=0.002, start=100.0)) >= 5
