"""Steps and samples per second over the last seconds."""

from __future__ import annotations

from trainyard.reporter.rates import Rates


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def run(rates: Rates, clock: Clock, steps: range, seconds: float, samples: int | None = 10) -> None:
    for step in steps:
        clock.now += seconds
        rates.add(step, samples)


def test_a_single_step_has_no_rate() -> None:
    rates = Rates(clock=Clock())
    assert rates.steps_per_second() is None
    rates.add(1, 10)
    assert rates.steps_per_second() is None
    assert rates.samples_per_second() is None


def test_steps_and_samples_per_second() -> None:
    clock = Clock()
    rates = Rates(clock=clock)
    run(rates, clock, range(1, 101), 0.01)
    assert abs((rates.steps_per_second() or 0) - 100) < 1e-6
    assert abs((rates.samples_per_second() or 0) - 1000) < 1e-6


def test_only_the_last_seconds_count() -> None:
    clock = Clock()
    rates = Rates(window=5, clock=clock)
    run(rates, clock, range(1, 1001), 0.01)
    run(rates, clock, range(1001, 1061), 0.1)
    assert abs((rates.steps_per_second() or 0) - 10) < 0.2


def test_steps_that_take_minutes_have_a_rate_too() -> None:
    clock = Clock()
    rates = Rates(window=5, clock=clock)
    run(rates, clock, range(1, 5), 120)
    assert abs((rates.steps_per_second() or 0) - 1 / 120) < 1e-6


def test_without_samples_there_is_no_sample_rate() -> None:
    clock = Clock()
    rates = Rates(clock=clock)
    run(rates, clock, range(1, 101), 0.1, samples=None)
    assert rates.samples_per_second() is None


def test_many_fast_steps_use_few_marks() -> None:
    clock = Clock()
    rates = Rates(window=5, clock=clock)
    run(rates, clock, range(1, 100_001), 0.0001)
    assert len(rates._marks) <= 110
