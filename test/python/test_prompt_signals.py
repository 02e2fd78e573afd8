"""A stop signal that Python only notes, because a blocking call starts at the same moment, still ends the job."""

from __future__ import annotations

import signal

import pytest
from job_under_test import JobUnderTest, finish

# Notes the signal as its C handler does, but interrupts no system call: the effect of a signal that arrives immediately
# before the call.
LOSE_A_SIGNAL = """
import _thread, signal, threading, time
threading.Timer(0.3, _thread.interrupt_main, [signal.{number}]).start()
"""


@pytest.mark.parametrize("number", ["SIGTERM", "SIGINT"])
def test_a_signal_that_interrupts_nothing_stops_a_script(job: JobUnderTest, number: str) -> None:
    job.trainer(f"{LOSE_A_SIGNAL.format(number=number)}time.sleep(600)\n")
    finish(job.supervise(), 30.0)
    assert job.statuses()[-1] == "STOPPED", job.log()


def test_a_signal_that_interrupts_nothing_reaches_a_process_that_does_not_report(job: JobUnderTest) -> None:
    pytest.importorskip("torch")
    wait = "try:\n    time.sleep(600)\nexcept KeyboardInterrupt:\n    print('interrupted')\n"
    job.trainer(LOSE_A_SIGNAL.format(number="SIGTERM") + wait, processes=2)
    finish(job.supervise(), 120.0)
    assert ("stdout", "[rank 1] interrupted") in job.log()


def test_the_handlers_are_those_of_before_after_the_block(job: JobUnderTest) -> None:
    script = job.script("""
        before = signal.getsignal(signal.SIGURG), set(os.listdir("/proc/self/fd"))
        with report:
            print(signal.getsignal(signal.SIGURG) is before[0], flush=True)
        print(signal.getsignal(signal.SIGURG) is before[0], signal.set_wakeup_fd(-1), flush=True)
        print(set(os.listdir("/proc/self/fd")) == before[1], flush=True)
        """)
    assert script.stdout is not None
    assert [line.strip() for line in script.stdout] == ["False", "True -1", "True"]
    assert finish(script)[0] == 0


def test_signals_that_other_code_reads_stay_with_it(job: JobUnderTest) -> None:
    script = job.script("""
        read_fd, write_fd = os.pipe()
        os.set_blocking(write_fd, False)
        signal.set_wakeup_fd(write_fd)
        with report:
            os.kill(os.getpid(), signal.SIGTERM)
        print(list(os.read(read_fd, 16)), signal.set_wakeup_fd(-1) == write_fd, flush=True)
        """)
    assert script.stdout is not None
    assert script.stdout.read() == f"[{int(signal.SIGTERM)}] True\n"
    assert finish(script)[0] == 0
