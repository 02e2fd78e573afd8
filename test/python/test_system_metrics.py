"""A reporter measures CPU and memory of all processes of its job, and writes them to the metrics history only."""

from __future__ import annotations

import os
import sys
import threading
import time
from typing import Any

import pytest
from job_under_test import JobUnderTest, finish, wait_for

from trainyard import Reporter
from trainyard.usage.peak_memory import note_peak, read_peak
from trainyard.usage.process_usage import MemoryMeter, descendants_of
from trainyard.usage.system_metrics import seconds_between

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /proc")

OFTEN = {"TRAINYARD_SYSTEM_METRICS_SECONDS": "0.2"}
MB = 1_000_000


def system(job: JobUnderTest) -> list[dict[str, Any]]:
    if not job.home.metrics(job.job_id).exists():
        return []
    return [line for line in job.metrics() if any(name.startswith("system/") for name in line["values"])]


def values(job: JobUnderTest, name: str) -> list[float]:
    return [line["values"][name] for line in system(job)]


def test_a_busy_core_and_200_mb_in_a_child_process_are_measured(job: JobUnderTest) -> None:
    child = "import time; block = b'x' * 200_000_000; print(flush=True)\nwhile True: pass"
    supervisor = job.supervise_script(
        f"""
        import subprocess
        from trainyard import Reporter
        with Reporter.from_environment() as report:
            report.begin()
            child = subprocess.Popen([sys.executable, "-c", {child!r}], stdout=subprocess.PIPE, start_new_session=True)
            child.stdout.readline()
            report.step(step=7, epoch=1, loss=0.5)
            while not os.path.exists(os.path.join(os.environ["TRAINYARD_HOME"], "go")):
                time.sleep(0.01)
        """,
        **OFTEN,
    )
    # A process gets little of a core where many others compete for it, and uses some only once to start.
    wait_for(lambda: sum(percent > 5 for percent in values(job, "system/cpu_percent")) >= 5, "a busy core")
    wait_for(lambda: max(values(job, "system/memory_bytes"), default=0) > 200 * MB, "200 MB")
    sequence = job.status()["sequence"]
    count = len(system(job))
    wait_for(lambda: len(system(job)) >= count + 3, "three more measurements")
    status = job.status()
    assert status["sequence"] == sequence, "a measurement must not look like progress"
    assert list(status["metrics"]) == list(status["extremes"]) == ["loss"]
    assert {(line["attempt"], line["step"], line["epoch"]) for line in system(job)} == {(1, 7, 1)}
    assert set(system(job)[-1]["values"]) == {"system/cpu_percent", "system/memory_bytes"}
    (job.home.path / "go").touch()
    assert finish(supervisor)[0] == 0
    # The child is larger than the trainer, which is the only process that the kernel's own peak is known of.
    assert 200 * MB < max(values(job, "system/memory_bytes")) <= job.exit()["max_rss_bytes"] < 400 * MB
    assert max(values(job, "system/cpu_percent")) < 100 * (os.cpu_count() or 1) + 1
    assert list(job.home.staging.iterdir()) == []


def test_nothing_is_written_before_the_first_report_of_an_attempt(
    job: JobUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRAINYARD_SYSTEM_METRICS_SECONDS", "0.05")
    with Reporter(job.home, job.job_id, 1) as report:
        report.step(step=100, loss=0.5)
        wait_for(lambda: system(job), "a measurement")
    before = job.history()
    job.queue(2)
    measured = count_measurements(monkeypatch)
    with Reporter(job.home, job.job_id, 2) as report:
        report.begin()
        wait_for(lambda: len(measured) >= 3, "measurements before the first report")
        assert job.history() == before
        report.step(step=101, loss=0.4)
        wait_for(lambda: system(job)[-1]["attempt"] == 2, "a measurement after it")
    assert system(job)[-1]["step"] == 101
    assert before.items() <= job.history().items()


def test_the_thread_ends_with_the_report(job: JobUnderTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAINYARD_SYSTEM_METRICS_SECONDS", "3600")
    with Reporter(job.home, job.job_id):
        assert "trainyard-system" in [thread.name for thread in threading.enumerate()]
        started = time.monotonic()
    assert time.monotonic() - started < 10
    assert "trainyard-system" not in [thread.name for thread in threading.enumerate()]


def test_0_disables_it(job: JobUnderTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAINYARD_SYSTEM_METRICS_SECONDS", "0")
    with Reporter(job.home, job.job_id):
        assert "trainyard-system" not in [thread.name for thread in threading.enumerate()]


def test_a_guest_measures_while_it_reports_and_the_owner_does_not(job: JobUnderTest) -> None:
    script = job.owned_script(
        """
        import subprocess
        with Reporter.from_environment() as report:
            report.step(step=2, loss=1.0)
        guest = '''
        import sys, time
        from trainyard import Reporter
        with Reporter.from_environment() as report:
            report.step(step=5, loss=1.0)
            print("reported", flush=True)
            sys.stdin.readline()
        '''
        import textwrap
        subprocess.run([sys.executable, "-c", textwrap.dedent(guest)], check=True)
        """,
        **OFTEN,
    )
    assert script.stdout and script.stdout.readline() == "reported\n"
    of_owner = [line for line in system(job) if line["step"] == 2]
    wait_for(lambda: len([line for line in system(job) if line["step"] == 5]) >= 4, "measurements of the guest")
    assert [line for line in system(job) if line["step"] != 5] == of_owner
    assert script.communicate("end\n")[1] == ""


@pytest.mark.parametrize("text", ["fast", "-1", "nan", "0.001", "1e9"])
def test_an_invalid_setting_gives_a_warning_and_the_default(text: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert seconds_between({"TRAINYARD_SYSTEM_METRICS_SECONDS": text}) == 10
    assert f"TRAINYARD_SYSTEM_METRICS_SECONDS is {text!r}, but must be 0 (off)" in capfd.readouterr().err


def test_a_peak_counts_for_its_attempt_and_never_decreases(job: JobUnderTest) -> None:
    job.home.staging.mkdir(parents=True)
    assert read_peak(job.home, job.job_id, 1) == 0
    for memory in (5, 12_345_678_901, 7):
        note_peak(job.home, job.job_id, 1, memory)
    assert read_peak(job.home, job.job_id, 1) == 12_345_678_901
    assert read_peak(job.home, job.job_id, 2) == 0
    note_peak(job.home, job.job_id, 2, 9)
    assert read_peak(job.home, job.job_id, 2) == 9
    for spoilt in (b"", b"2", b"2 x", b"2 -1", b"\xff" * 100):
        job.home.peak_memory(job.job_id).write_bytes(spoilt)
        assert read_peak(job.home, job.job_id, 2) == 0


def test_memory_that_processes_share_counts_once(job: JobUnderTest) -> None:
    parent = job.start(
        [sys.executable, "-c", "import os, sys; block = b'x' * 100_000_000\n"
         "if os.fork(): os.fork()\nprint(flush=True); sys.stdin.read()"]
    )  # fmt: skip
    assert parent.stdout
    for _ in range(3):
        parent.stdout.readline()
    pids = {parent.pid} | descendants_of(parent.pid)
    assert len(pids) == 3
    meter = MemoryMeter()
    first = meter.measure(pids)
    assert 100 * MB < first < 180 * MB
    assert abs(meter.measure(pids) - first) < 10 * MB, "between two measurements of the PSS, the RSS is scaled"


def count_measurements(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A list that grows with every measurement of this process."""
    measured: list[int] = []
    original = MemoryMeter.measure

    def measure(meter: MemoryMeter, pids: Any) -> int:
        measured.append(len(measured))
        return original(meter, pids)

    monkeypatch.setattr(MemoryMeter, "measure", measure)
    return measured
