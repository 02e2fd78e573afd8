"""A stop request interrupts a script as Ctrl-C does, unless something in the script handles it."""

from __future__ import annotations

import json

import pytest
from job_under_test import JobUnderTest, wait_for


def stop_when_ready(job: JobUnderTest, source: str) -> tuple[int, str]:
    """Run a script, stop it once it has printed "ready", and return its exit code and the rest of its output."""
    script = job.owned_script(source)
    assert script.stdout and script.stdout.readline() == "ready\n"
    script.terminate()
    output, _ = script.communicate(timeout=30)
    return script.returncode, output


def test_a_plain_script_gets_keyboard_interrupt(job: JobUnderTest) -> None:
    code, output = stop_when_ready(
        job,
        """
        try:
            print("ready", flush=True)
            time.sleep(60)
        except KeyboardInterrupt:
            print("saved", flush=True)
            raise
        """,
    )
    assert (code != 0, output) == (True, "saved\n")
    assert job.statuses() == ["LOADING", "RUNNING", "STOPPING", "STOPPED"]
    assert job.status()["error"] is None


def test_a_script_may_catch_the_interrupt_and_end_on_its_own(job: JobUnderTest) -> None:
    code, output = stop_when_ready(
        job,
        """
        try:
            print("ready", flush=True)
            while True:
                pass
        except KeyboardInterrupt:
            print("exiting from training early", flush=True)
        time.sleep(0.5)
        print("test loss", flush=True)
        """,
    )
    assert (code, output) == (0, "exiting from training early\ntest loss\n")
    assert job.statuses()[-1] == "STOPPED"


@pytest.mark.parametrize(
    "handling",
    ["report.should_stop", "report.on_stop(lambda: None)", "report.handles_stop()", "outer().handles_stop()"],
)
def test_a_script_that_handles_stops_is_not_interrupted(job: JobUnderTest, handling: str) -> None:
    code, output = stop_when_ready(
        job,
        f"""
        from trainyard.reporter.shared_reporter import shared as outer
        with Reporter.from_environment() as report:
            {handling}
            print("ready", flush=True)
            try:
                while not report.should_stop:
                    time.sleep(0.01)
                time.sleep(0.5)
                print("ended", flush=True)
            except KeyboardInterrupt:
                print("interrupted", flush=True)
        """,
    )
    assert (code, output, job.statuses()[-1]) == (0, "ended\n", "STOPPED")


def test_the_end_of_an_inner_block_ends_its_handling_of_stops(job: JobUnderTest) -> None:
    code, output = stop_when_ready(
        job,
        """
        with Reporter.from_environment() as report:
            report.on_stop(lambda: None)
            assert not report.should_stop
        print("ready", flush=True)
        time.sleep(60)
        """,
    )
    assert (code != 0, output, job.statuses()[-1]) == (True, "", "STOPPED")


@pytest.mark.parametrize(
    "check",
    [
        "while not report.should_stop: pass",
        "report.on_stop(lambda: None)\n            for step in range(2, 10**9): report.step(step=step, loss=1)",
    ],
)
def test_what_follows_an_inner_block_that_has_handled_the_stop_is_not_interrupted(
    job: JobUnderTest, check: str
) -> None:
    code, output = stop_when_ready(
        job,
        f"""
        sys.setswitchinterval(60)  # the thread of the reporter sees the stop only after the block
        with Reporter.from_environment() as report:
            report.begin()
            report.step(step=1, loss=1)
            print("ready", flush=True)
            {check}
        time.sleep(0.5)
        print("exported", flush=True)
        """,
    )
    assert (code, output, job.statuses()[-1]) == (0, "exported\n", "STOPPED")


def test_a_script_with_its_own_handler_is_not_interrupted(job: JobUnderTest) -> None:
    code, output = stop_when_ready(
        job,
        """
        got = []
        signal.signal(signal.SIGTERM, lambda *_: got.append(1))
        print("ready", flush=True)
        while not got:
            time.sleep(0.01)
        time.sleep(0.3)
        print("ended", len(got), flush=True)
        """,
    )
    assert (code, output) == (0, "ended 1\n")


def test_an_interrupt_never_splits_or_repeats_a_report(job: JobUnderTest) -> None:
    for attempt in range(1, 11):
        script = job.owned_script(
            """
            step = 0
            with Reporter.from_environment() as report:
                print("ready", flush=True)
                while True:
                    step += 1
                    report.step(step=step, loss=1, a=1, b=2)
            """,
            TRAINYARD_ATTEMPT=str(attempt),
        )
        assert script.stdout and script.stdout.readline() == "ready\n"
        wait_for(lambda: job.status().get("step", 0) > 0, "steps")
        script.terminate()
        script.communicate(timeout=30)
        assert job.statuses()[-1] == "STOPPED"
        steps = [line["step"] for line in job.metrics() if line["attempt"] == attempt]
        assert steps == list(range(1, len(steps) + 1))
        assert json.loads(job.home.status(job.job_id).read_text())["step"] == len(steps)
