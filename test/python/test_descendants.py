"""Everything that a trainer starts ends with it, also in sessions of its own."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from job_under_test import JobUnderTest, finish, wait_for

from trainyard.identity import identity_of

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a child subreaper")

DAEMON = """
def daemon(body):
    '''Run `body` in a process that is neither in the group nor in the session of the trainer, and not its child.'''
    read_fd, write_fd = os.pipe()
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            print("pid", os.getpid(), flush=True)
            body(lambda: os.write(write_fd, b"!"))
        os._exit(0)
    os.wait()
    os.read(read_fd, 1)

def deaf(ready):
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    ready()
    while True:
        time.sleep(60)
"""


def script(body: str) -> str:
    return DAEMON + body


def pids(job: JobUnderTest) -> list[int]:
    return [int(text.split()[1]) for _, text in job.log() if text.startswith("pid ")]


@pytest.fixture(autouse=True)
def no_process_left(job: JobUnderTest) -> Iterator[None]:
    yield
    for pid in pids(job):  # only if a test failed
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def test_a_daemon_ends_with_a_trainer_that_has_finished(job: JobUnderTest) -> None:
    supervisor = job.supervise_script(script("daemon(deaf)\nsys.exit(7)"))
    assert finish(supervisor)[0] == 0
    assert [identity_of(pid) for pid in pids(job)] == [None]
    assert job.exit()["exit_code"] == 7


def test_a_daemon_ends_with_a_killed_trainer(job: JobUnderTest) -> None:
    supervisor = job.supervise_script(script("print('trainer', os.getpid())\ndaemon(deaf)\nsignal.pause()"))
    [daemon] = wait_for(lambda: pids(job), "the daemon")
    trainer = int(next(text for _, text in job.log() if text.startswith("trainer")).split()[1])
    os.killpg(trainer, signal.SIGKILL)
    assert finish(supervisor)[0] == 0
    assert identity_of(daemon) is None
    assert (job.exit()["exit_code"], job.exit()["signal"]) == (None, "SIGKILL")


def test_200_processes_in_sessions_of_their_own_end_with_the_trainer(job: JobUnderTest) -> None:
    supervisor = job.supervise_script(script("for _ in range(200): daemon(deaf)"))
    assert finish(supervisor)[0] == 0
    assert len(pids(job)) == 200
    assert {identity_of(pid) for pid in pids(job)} == {None}


def test_the_exit_code_of_an_adopted_process_is_not_that_of_the_trainer(job: JobUnderTest) -> None:
    supervisor = job.supervise_script(
        script("""
def stat(pid):
    try:
        return open(f"/proc/{pid}/stat").read()
    except OSError:
        return ""
def zombies():
    return [pid for pid in os.listdir("/proc") if f") Z {os.getppid()} " in stat(pid)]
for code in range(1, 6):
    daemon(lambda ready: (ready(), os._exit(code)))
deadline = time.monotonic() + 20
while zombies() and time.monotonic() < deadline:
    time.sleep(0.01)
print("zombies", len(zombies()))
sys.exit(42)
""")
    )
    assert finish(supervisor)[0] == 0
    assert job.exit()["exit_code"] == 42
    assert ("stdout", "zombies 0") in job.log()  # reaped while the trainer still runs


def test_a_process_that_forks_while_it_is_killed_does_not_survive(job: JobUnderTest, tmp_path: Path) -> None:
    # Each one starts the next and ends: by the time its pid is read, it may be gone.
    beats = tmp_path / "beats"
    supervisor = job.supervise_script(
        script(f"""
def run(ready):
    ready()
    while True:
        if os.fork():
            os._exit(0)
        os.setsid()
        with open({str(beats)!r}, "a") as file:
            file.write(".")
for _ in range(3):
    daemon(run)
""")
    )
    assert finish(supervisor)[0] == 0
    size = beats.stat().st_size
    assert size > 0
    assert job.exit()["exit_code"] == 0
    with pytest.raises(AssertionError):
        wait_for(lambda: beats.stat().st_size > size, "it still forks", seconds=1.0)


def test_output_of_a_daemon_does_not_delay_the_end(job: JobUnderTest) -> None:
    supervisor = job.supervise_script(script("daemon(deaf)"))  # it holds both pipes open
    assert finish(supervisor)[0] == 0
    assert job.exit()["finished_at"] - job.exit()["started_at"] < 2  # the limit for output that never ends


def test_the_group_is_still_killed_where_the_kernel_has_no_subreaper(job: JobUnderTest) -> None:
    before = "import trainyard.supervisor.watch; trainyard.supervisor.watch.adopt_orphans = lambda: False"
    supervisor = job.supervise_script(
        script("""
read_fd, write_fd = os.pipe()
if os.fork() == 0:
    print("pid", os.getpid(), flush=True)
    os.write(write_fd, b"!")
    signal.pause()
os.read(read_fd, 1)
"""),
        before,
    )
    assert finish(supervisor)[0] == 0
    assert [identity_of(pid) for pid in pids(job)] == [None]
