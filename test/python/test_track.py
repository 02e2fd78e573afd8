"""``report.track()`` reports every batch of a loop."""

from __future__ import annotations

import signal

from job_under_test import JobUnderTest, finish, wait_for

from trainyard import Reporter


def test_every_pass_continues_the_steps_of_the_previous_one(job: JobUnderTest) -> None:
    with Reporter(job.home, job.job_id) as report:
        for _ in range(2):
            batches = report.track(["a", "b", "c"], epochs=2)
            for batch in batches:
                batches.log(loss=float(len(batch)), accuracy=0.5)
    status = job.status()
    assert (status["step"], status["total_steps"], status["epoch"], status["epochs"]) == (6, 6, 2, 2)
    assert [line["step"] for line in job.metrics()] == [1, 2, 3, 4, 5, 6]
    assert [line["epoch"] for line in job.metrics()] == [1, 1, 1, 2, 2, 2]
    assert job.metrics()[-1]["values"] == {"loss": 1.0, "accuracy": 0.5}


def test_every_selects_the_steps_that_are_reported(job: JobUnderTest) -> None:
    job.script("""
        from trainyard import Reporter
        with Reporter.from_environment(every=1) as report:
            batches = report.track(range(7), epochs=1)
            for batch in batches:
                batches.log(loss=1.0)
        """).wait(60)
    assert [line["step"] for line in job.metrics()] == [1, 2, 3, 4, 5, 6, 7]


def test_a_resumed_script_continues_its_steps_and_epochs(job: JobUnderTest) -> None:
    with Reporter(job.home, job.job_id) as report:
        report.resume(step=4, epoch=2)
        for _ in report.track(range(2), epochs=3):
            pass
    status = job.status()
    assert (status["step"], status["total_steps"], status["epoch"], status["epochs"]) == (6, 6, 3, 3)


def test_a_loader_without_a_length_is_tracked_without_a_total(job: JobUnderTest) -> None:
    with Reporter(job.home, job.job_id) as report:
        assert list(report.track(iter("ab"))) == ["a", "b"]
    assert (job.status()["step"], job.status()["total_steps"]) == (2, None)


def test_without_the_number_of_epochs_there_is_no_total(job: JobUnderTest) -> None:
    with Reporter(job.home, job.job_id) as report:
        assert list(report.track("ab")) == ["a", "b"]
    assert (job.status()["step"], job.status()["total_steps"]) == (2, None)


def test_outside_a_job_it_only_yields_the_batches() -> None:
    report = Reporter.from_environment({})
    batches = report.track("abc")
    assert (list(batches), len(batches)) == (["a", "b", "c"], 3)


def test_a_stop_request_ends_all_loops_after_the_current_batch(job: JobUnderTest) -> None:
    script = job.script("""
        with report:
            for epoch in range(1000):
                for batch in report.track(range(10), epochs=1000):
                    time.sleep(0.005)
            print("not stopped")
        """)
    wait_for(lambda: job.status().get("step", 0) > 0, "a step")
    script.send_signal(signal.SIGTERM)
    code, _ = finish(script)
    assert (code, job.status()["status"]) == (0, "STOPPED")
