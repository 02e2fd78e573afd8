"""Stop requests: a signal, a saved checkpoint and a clean end."""

from __future__ import annotations

import signal

import pytest
from job_under_test import JobUnderTest, finish, wait_for

ENDLESS_WITH_SAVE = """
    def save():
        path = report._home.checkpoint(report._job_id)
        path.parent.mkdir(exist_ok=True)
        path.write_text(str(step))
        report.checkpoint(path)

    with report:
        report.begin(total_steps=10**9)
        report.on_stop(save)
        step = 0
        while True:
            try:
                step += 1
                report.step(step=step, loss=0.5)
                time.sleep(0.001)
            except Exception:
                print("swallowed", file=sys.stderr)
    print("after the block", file=sys.stderr)
    """


def running(job: JobUnderTest) -> bool:
    return job.status().get("status") == "RUNNING" and job.status()["step"] > 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_saves_and_ends_as_stopped(job: JobUnderTest, number: signal.Signals) -> None:
    script = job.script(ENDLESS_WITH_SAVE)
    wait_for(lambda: running(job), "RUNNING")
    script.send_signal(number)
    code, errors = finish(script)
    status = job.status()
    assert (code, errors) == (0, "after the block\n")
    assert job.statuses()[-1] == "STOPPED"
    assert status["checkpoint"] == f"models/{job.job_id}.pt"
    assert job.home.checkpoint(job.job_id).read_text() == str(status["step"]) == str(job.metrics()[-1]["step"])
    assert status["progress"] < 100


def test_a_second_signal_changes_nothing(job: JobUnderTest) -> None:
    script = job.script("""
        def save():
            print("saving", flush=True)
            sys.stdin.readline()
            print("saved", flush=True)

        with report:
            report.on_stop(save)
            step = 0
            while True:
                step += 1
                report.step(step=step, loss=0.5)
                time.sleep(0.001)
        """)
    assert script.stdin and script.stdout
    wait_for(lambda: running(job), "RUNNING")
    script.send_signal(signal.SIGTERM)
    assert script.stdout.readline() == "saving\n"
    wait_for(lambda: job.status()["status"] == "STOPPING", "STOPPING while it saves")
    script.send_signal(signal.SIGTERM)
    script.send_signal(signal.SIGINT)
    script.stdin.write("go on\n")
    script.stdin.flush()
    assert script.stdout.readline() == "saved\n"
    assert finish(script)[0] == 0
    assert job.statuses() == ["LOADING", "RUNNING", "STOPPING", "STOPPED"]


def test_a_script_can_check_should_stop(job: JobUnderTest) -> None:
    script = job.script("""
        with report:
            report.begin(total_steps=10**9)
            step = 0
            while not report.should_stop:
                step += 1
                report.step(step=step, loss=0.5)
                time.sleep(0.001)
        """)
    wait_for(lambda: running(job), "RUNNING")
    script.send_signal(signal.SIGTERM)
    assert finish(script) == (0, "")
    assert job.statuses()[-1] == "STOPPED"


def test_stopping_is_written_while_the_script_computes(job: JobUnderTest) -> None:
    script = job.script("""
        with report:
            report.begin(total_steps=2)
            report.step(step=1, loss=0.5)
            sys.stdin.readline()
        """)
    wait_for(lambda: running(job), "RUNNING")
    script.send_signal(signal.SIGTERM)
    wait_for(lambda: job.status()["status"] == "STOPPING", "STOPPING")


def test_a_stop_before_the_first_step_is_handled(job: JobUnderTest) -> None:
    script = job.script("""
        with report:
            sys.stdin.readline()
            report.begin(total_steps=5)
            report.on_stop(lambda: None)
            report.step(step=1, loss=0.5)
        """)
    wait_for(lambda: job.status().get("status") == "LOADING", "LOADING")
    script.send_signal(signal.SIGTERM)
    wait_for(lambda: job.status()["status"] == "STOPPING", "STOPPING")
    script.communicate("go on\n")
    assert job.statuses() == ["LOADING", "STOPPING", "STOPPED"]


@pytest.mark.parametrize("last_call", ["report.on_stop(lambda: 1 / 0); report.step(step=5, loss=0.5)", "pass"])
def test_a_stop_after_the_last_step_completes(job: JobUnderTest, last_call: str) -> None:
    script = job.script(f"""
        with report:
            report.begin(total_steps=5)
            for step in range(1, 6):
                report.step(step=step, loss=0.5)
            sys.stdin.readline()
            {last_call}
        """)
    wait_for(lambda: job.status().get("step") == 5, "the last step")
    script.send_signal(signal.SIGTERM)
    wait_for(lambda: job.status()["status"] == "STOPPING", "STOPPING")
    script.communicate("go on\n")
    assert script.returncode == 0
    assert job.statuses()[-1] == "COMPLETED"


def test_an_exception_while_saving_is_an_error(job: JobUnderTest) -> None:
    script = job.script("""
        def save():
            raise OSError("the disk is gone")

        with report:
            report.on_stop(save)
            for step in range(1, 10**9):
                report.step(step=step, loss=0.5)
                time.sleep(0.001)
        """)
    wait_for(lambda: running(job), "RUNNING")
    script.send_signal(signal.SIGTERM)
    assert finish(script)[0] == 1
    assert job.status()["error"]["message"] == "OSError: the disk is gone"
