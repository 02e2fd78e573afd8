"""Reports reach the metrics file together, at most 0.1 s late, and nothing but SIGKILL loses them."""

from __future__ import annotations

import json
import threading
import time

import pytest
from job_under_test import JobUnderTest, finish, wait_for

from trainyard import Reporter

MAX_DELAY = 0.1  # seconds


def steps(job: JobUnderTest) -> list[int]:
    """Return the steps of all complete lines."""
    path = job.home.metrics(job.job_id)
    lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    return [json.loads(line)["step"] for line in lines]


def test_the_reports_of_a_burst_are_in_the_file_while_the_script_computes(job: JobUnderTest) -> None:
    job.script("""
        with report:
            report.begin()
            for step in range(1, 301):
                report.step(step=step, loss=0.5, accuracy=0.25)
                time.sleep(0.0007)  # the last reports follow a write by less than 0.1 s
            sys.stdin.readline()
        """)
    wait_for(lambda: steps(job) == list(range(1, 301)), "all reports")
    wait_for(lambda: job.status()["step"] == 300, "the status")


def test_the_losses_after_a_pause_are_in_the_file_while_the_script_computes(job: JobUnderTest) -> None:
    job.script("""
        with report:
            report.begin()
            for start in (1, 103, 204):
                time.sleep(0.3)  # the thread waits for a report
                for step in range(start, start + 101):  # the first one is not recorded
                    report.step(step=step, loss=0.5)
            sys.stdin.readline()
        """)
    wait_for(lambda: steps(job) == [1, *range(5, 305, 5)], "all reports")


def test_reports_do_not_wait_for_a_status_file_that_is_written_less_often(job: JobUnderTest) -> None:
    with Reporter(job.home, job.job_id, interval=60) as report:
        for step in range(1, 51):
            report.step(step=step, loss=0.5, accuracy=0.25)
        wait_for(lambda: steps(job) == list(range(1, 51)), "all reports")
        assert job.status()["step"] <= 1


def test_a_killed_script_loses_at_most_the_reports_of_the_last_tenth_of_a_second(job: JobUnderTest) -> None:
    # Of its processor time: on a busy machine, both the training and the thread that writes wait for the processor.
    script = job.script("""
        step = 0
        with report:
            while True:
                step += 1
                at = time.thread_time()
                report.step(step=step, loss=0.5, accuracy=0.25)
                print(step, at, flush=True)
        """)
    lines: list[str] = []
    reader = threading.Thread(target=lambda: lines.extend(script.stdout or ()))
    reader.start()
    wait_for(lambda: lines and float(lines[-1].split()[1]) > 6 * MAX_DELAY, "reports")
    script.kill()
    reader.join()
    reported = [(int(step), float(at)) for step, at in (line.split() for line in lines if line.endswith("\n"))]
    last = reported[-1][1]
    kept = steps(job)
    assert kept == list(range(1, len(kept) + 1))
    # Twice: a disk that is busy delays the thread, until so many reports wait that the training writes them itself.
    assert all(step <= len(kept) for step, at in reported if at < last - 2 * MAX_DELAY)


def test_the_status_is_never_ahead_of_the_reports(job: JobUnderTest) -> None:
    script = job.script("""
        with report:
            print("ready", flush=True)
            for step in range(1, 4_000):
                report.step(step=step, loss=0.5, accuracy=0.25)
                time.sleep(0.0002)
        """)
    assert script.stdout and script.stdout.readline() == "ready\n"
    seen = set()
    while script.poll() is None:
        step = job.status().get("step", 0)
        seen.add(step)
        assert len(steps(job)) >= step
        time.sleep(0.01)
    assert len(seen) > 2


@pytest.mark.parametrize("end", ["os._exit(3)", "sys.exit(3)", "raise ValueError", "raise KeyboardInterrupt", "pass"])
@pytest.mark.parametrize("enter", ["with report:", "report.__enter__()\nif True:"])
def test_every_end_but_a_kill_writes_all_reports(job: JobUnderTest, enter: str, end: str) -> None:
    lines = [
        *enter.split("\n"),
        "    report.begin()",
        "    for step in range(1, 101):",
        "        report.step(step=step, loss=0.5, accuracy=0.25)",
        f"    {end}",
    ]
    finish(job.script("\n".join(lines)))
    assert steps(job) == list(range(1, 101))
    assert job.status()["step"] == 100


def test_a_guest_that_exits_hard_has_written_all_reports(job: JobUnderTest) -> None:
    script = job.owned_script("""
        import subprocess
        subprocess.run([sys.executable, "-c", '''if True:
            import os
            from trainyard import Reporter
            with Reporter.from_environment() as report:
                for step in range(1, 101):
                    report.step(step=step, loss=step, guest=1)
                os._exit(0)
            '''])
        Reporter.from_environment().step(step=101, loss=1, captured=1)
        """)
    assert finish(script)[0] == 0
    assert steps(job) == list(range(1, 102))
    assert job.status()["extremes"]["loss"]["max"]["step"] == 100


def test_a_forked_child_does_not_write_the_reports_that_its_parent_has_not_written_yet(job: JobUnderTest) -> None:
    code, errors = finish(
        job.script("""
        with report:
            report.begin()
            for end in (sys.exit, os._exit) * 5:
                for step in range(report._own.record.step + 1, report._own.record.step + 21):
                    report.step(step=step, loss=0.5, accuracy=0.25)
                child = os.fork()
                if child == 0:
                    end(0)
                os.waitpid(child, 0)
                report._own.flush()
        """)
    )
    assert code == 0, errors
    assert steps(job) == list(range(1, 201))


class FailedOnGpu:
    """A value of a GPU whose computation has failed: PyTorch raises it when the value is read."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __float__(self) -> float:
        raise self.error


@pytest.mark.parametrize(
    "error",
    [
        type("AcceleratorError", (RuntimeError,), {})("CUDA error: device-side assert triggered"),
        RuntimeError("CUDA error: an illegal memory access was encountered"),
    ],
)
def test_a_failed_computation_of_a_gpu_is_not_reported_as_a_wrong_value(job: JobUnderTest, error: Exception) -> None:
    with Reporter(job.home, job.job_id) as report:
        for step in range(1, 11):  # the first report is recorded at once, the others wait in the queue
            with pytest.raises(type(error), match="CUDA error"):
                report.step(step=step, loss=FailedOnGpu(error), accuracy=0.5)
            report.step(step=step, loss=0.5, accuracy=0.5)
        with pytest.raises(TypeError, match="a Tensor with 2 elements"):
            report.step(step=11, loss=FailedOnGpu(RuntimeError("a Tensor with 2 elements ...")), accuracy=0.5)


def test_a_value_in_a_burst_is_checked_at_its_call(job: JobUnderTest) -> None:
    with Reporter(job.home, job.job_id) as report:
        for step in range(1, 11):
            report.step(step=step, loss=0.5, accuracy=0.25)
        with pytest.raises(TypeError, match=r"step\(accuracy=...\) must be a single number"):
            report.step(step=11, loss=0.5, accuracy="high")
        with pytest.raises(ValueError, match="longer than 128 characters"):
            report.step(step=11, **{"x" * 129: 0.5})
        with pytest.raises(ValueError, match="must be at most"):
            report.step(step=2**53, loss=0.5, accuracy=0.25)
        report.step(step=12, loss=1, accuracy=True)
    assert job.metrics()[-1]["values"] == {"loss": 1, "accuracy": 1}


def test_a_burst_has_the_time_and_the_values_of_each_report(job: JobUnderTest) -> None:
    before = time.time()
    with Reporter(job.home, job.job_id) as report:
        for step in range(1, 101):
            values = {"loss": 1 / step, **({"val%": float("nan")} if step % 10 == 0 else {})}
            report.log(values, step=step, epoch=1 + step // 50)
            time.sleep(0.001)
    after = time.time()
    lines = job.metrics()
    times = [line["at"] for line in lines]
    assert times == sorted(times) and before - 0.001 <= times[0] and times[-1] <= after + 0.001
    assert times[-1] - times[0] > 0.09
    assert [line["step"] for line in lines] == list(range(1, 101))
    assert [line["epoch"] for line in lines] == [1] * 49 + [2] * 50 + [3]
    assert [line["values"]["loss"] for line in lines] == [1 / step for step in range(1, 101)]
    assert [line["step"] for line in lines if line["values"].get("val%") == "NaN"] == list(range(10, 101, 10))
    extremes = job.status()["extremes"]
    assert (extremes["loss"]["min"]["step"], extremes["loss"]["max"]["step"], list(extremes)) == (100, 1, ["loss"])
    assert extremes["loss"]["min"]["at"] == times[-1]


def test_flush_writes_the_reports_before_a_state_is_saved(job: JobUnderTest) -> None:
    with Reporter(job.home, job.job_id) as report:
        report.begin()
        for step in range(1, 31):
            report.step(step=step, loss=0.5, accuracy=0.25)
            report.flush()
            assert steps(job)[-1] == step


def test_a_training_that_reports_all_the_time_does_not_wait_for_the_disk(job: JobUnderTest) -> None:
    script = job.script("""
        import threading
        writers, rename = [], os.rename

        def slow_rename(*paths):
            writers.append(threading.current_thread() is threading.main_thread())
            time.sleep(0.01)
            rename(*paths)

        with report:
            report.begin()
            os.rename = slow_rename
            for step in range(1, 2001):
                report.step(step=step, loss=0.5, accuracy=0.25)
                time.sleep(0.001)
            os.rename = rename
        print(sum(writers), len(writers))
        """)
    printed, errors = script.communicate(timeout=60)
    assert script.returncode == 0, errors
    by_training, all_writes = map(int, printed.split())
    assert all_writes > 4
    # The training writes only after a pause, as on a machine that is too busy.
    assert by_training <= all_writes / 2


def test_a_training_goes_on_while_the_thread_waits_for_the_disk(job: JobUnderTest) -> None:
    script = job.script("""
        import threading
        rename, steps, waited = os.rename, 0, []

        def slow_rename(*paths):
            if threading.current_thread() is not threading.main_thread():
                until, goal = time.monotonic() + 5, steps + 200
                while steps < goal and time.monotonic() < until:
                    time.sleep(0.001)
                waited.append(steps >= goal)
            rename(*paths)

        with report:
            report.begin()
            os.rename = slow_rename
            while not any(waited) and len(waited) < 3:
                steps += 1
                report.step(step=steps, loss=0.5, accuracy=0.25)
                time.sleep(0.001)
            os.rename = rename
        print(waited)
        """)
    printed, errors = script.communicate(timeout=60)
    assert script.returncode == 0, errors
    assert printed.endswith("True]\n")
