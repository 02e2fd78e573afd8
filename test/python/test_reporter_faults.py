"""Failures in or around a training are recorded in its files and do not cause others."""

from __future__ import annotations

import pytest
from job_under_test import JobUnderTest, finish, wait_for


@pytest.mark.parametrize(
    ("failure", "reason", "message"),
    [
        ("raise ValueError('no such column')", "TRAINER_ERROR", "ValueError: no such column"),
        ("assert False", "TRAINER_ERROR", "AssertionError"),
        ("bytearray(10**15)", "OUT_OF_MEMORY", "The trainer ran out of memory"),
        ("type('OutOfMemoryError', (RuntimeError,), {})", "OUT_OF_MEMORY", "CUDA out of memory"),
        ("from trainyard.data.errors import InvalidDatasetError as E", "INVALID_DATASET", "row 3 is ragged"),
    ],
)
def test_an_exception_is_reported_with_a_reason(job: JobUnderTest, failure: str, reason: str, message: str) -> None:
    if failure.startswith("type("):
        failure = f"raise {failure}('CUDA out of memory')"
    if failure.startswith("from"):
        failure = f"{failure}; raise E('row 3 is ragged')"
    code, errors = finish(
        job.script(f"""
        with report:
            report.begin(total_steps=10)
            report.step(step=1, loss=0.5)
            {failure}
        """)
    )
    status = job.status()
    assert code == 1
    assert (status["status"], status["error"]["reason"]) == ("ERROR", reason)
    assert message in status["error"]["message"]
    assert status["error"]["traceback"].startswith("Traceback (most recent call last)")
    assert errors.startswith("Traceback (most recent call last)")
    assert (status["progress"], status["step"]) == (10, 1)


def test_a_traceback_contains_the_last_twenty_frames(job: JobUnderTest) -> None:
    finish(
        job.script("""
        def tick(n):  # two functions alternate, because Python abbreviates repeated lines
            tock(n - 1)

        def tock(n):
            if n < 0:
                raise RuntimeError("deep down")
            tick(n - 1)

        with report:
            tick(200)
        """)
    )
    frames = job.status()["error"]["traceback"]
    assert frames.count("in tick") + frames.count("in tock") == 20
    assert "deep down" in frames


def test_a_script_that_exits_with_a_code_has_no_terminal_status(job: JobUnderTest) -> None:
    code, _ = finish(
        job.script("""
        with report:
            report.step(step=1, loss=0.5)
            sys.exit(3)
        """)
    )
    assert code == 3
    assert job.status()["status"] == "RUNNING"


def test_a_script_that_exits_with_zero_has_completed(job: JobUnderTest) -> None:
    code, _ = finish(
        job.script("""
        with report:
            report.step(step=1, loss=0.5)
            sys.exit()
        """)
    )
    assert (code, job.status()["status"]) == (0, "COMPLETED")


def test_a_killed_script_leaves_its_last_status(job: JobUnderTest) -> None:
    script = job.script("""
        with report:
            report.step(step=1, loss=0.5)
            sys.stdin.readline()
        """)
    wait_for(lambda: job.status().get("step") == 1, "the first step")
    script.kill()
    script.wait()
    assert job.status()["status"] == "RUNNING"
    assert list(job.home.staging.iterdir()) == [job.home.reporter_lock(job.job_id)]  # the supervisor removes it


def test_a_forked_child_does_not_report_and_has_the_previous_signal_handlers(job: JobUnderTest) -> None:
    code, errors = finish(
        job.script("""
        with report:
            report.begin(total_steps=100)
            report.step(step=1, loss=0.5)
            child = os.fork()
            if child == 0:
                report.step(step=99, loss=99, val_loss=99)
                report.message("from the child")
                print(report.should_stop, flush=True)
                sys.exit(9)  # leaves the block, and must not end the job
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
            read, write = os.pipe()
            child = os.fork()
            if child == 0:
                os.write(write, b"!")
                while True:
                    time.sleep(1)
            os.read(read, 1)
            os.kill(child, signal.SIGTERM)
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGTERM
            report.step(step=100, loss=0.25)
        """)
    )
    assert code == 0, errors
    assert job.statuses() == ["LOADING", "RUNNING", "COMPLETED"]
    assert [line["step"] for line in job.metrics()] == [1, 100]
    assert job.status()["message"] is None


def test_a_full_disk_does_not_end_a_training_or_lose_metrics(job: JobUnderTest) -> None:
    # A file size limit of 0 simulates a full disk.
    code, errors = finish(
        job.script("""
        import json, resource
        _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
        with report:
            report.begin(total_steps=100)
            report.step(step=1, loss=0.5)
            resource.setrlimit(resource.RLIMIT_FSIZE, (0, most))
            for step in range(2, 51):
                report.step(step=step, loss=0.5, val_loss=0.5)
                time.sleep(0.005)
            report.message("the disk is full")
            while report._own.record._warn._topics != {"status", "metrics"}:
                time.sleep(0.005)
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
            path = report._home.status(report._job_id)
            while json.loads(path.read_text())["message"] != "the disk is full":  # the reporter retries
                time.sleep(0.005)
            for step in range(51, 101):
                report.step(step=step, loss=0.5, val_loss=0.5)
        """)
    )
    assert code == 0
    assert errors.count("cannot write") == 2  # once for the status, once for the metrics
    assert [line["step"] for line in job.metrics()] == list(range(1, 101))
    assert job.status()["status"] == "COMPLETED"


def test_a_partly_written_line_is_completed_later(job: JobUnderTest) -> None:
    code, _ = finish(
        job.script("""
        import resource
        _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
        with report:
            report.step(step=1, loss=0.5)
            report._own.flush()
            size = report._home.metrics(report._job_id).stat().st_size
            resource.setrlimit(resource.RLIMIT_FSIZE, (size + 10, most))
            report.step(step=2, loss=0.5, val_loss=1)
            report._own.flush()
            assert report._home.metrics(report._job_id).stat().st_size == size + 10
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
            report.step(step=3, loss=0.5, val_loss=1)
        """)
    )
    assert code == 0
    assert [line["step"] for line in job.metrics()] == [1, 2, 3]


def test_writing_the_terminal_status_is_retried_on_a_full_disk(job: JobUnderTest) -> None:
    code, _ = finish(
        job.script("""
        import resource, threading
        _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
        with report:
            report.step(step=1, loss=0.5)
            resource.setrlimit(resource.RLIMIT_FSIZE, (0, most))
            threading.Timer(0.7, resource.setrlimit, (resource.RLIMIT_FSIZE, (most, most))).start()
        """)
    )
    assert (code, job.status()["status"]) == (0, "COMPLETED")
