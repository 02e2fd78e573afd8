"""A process is identified by more than its pid."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from job_under_test import JobUnderTest, wait_for

from trainyard import identity
from trainyard.identity import identity_of, is_alive, own_identity


def test_a_running_process_is_alive_only_with_its_own_identity() -> None:
    mine = own_identity()
    assert mine["pid"] == os.getpid()
    assert is_alive(mine)
    assert not is_alive({**mine, "start_time": "1"})
    assert not is_alive({**mine, "boot_id": "another boot"})
    assert not is_alive({**mine, "pid": -1})
    assert not is_alive(None)


def test_a_zombie_is_dead() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    alive = identity_of(child.pid)
    assert is_alive(alive)
    child.kill()
    wait_for(lambda: not is_alive(alive), "death of the child")
    os.kill(child.pid, 0)  # not reaped: the pid still exists
    assert identity_of(child.pid) is None
    child.communicate()


def test_a_process_name_with_parentheses_and_spaces_is_parsed(job: JobUnderTest) -> None:
    if not os.path.exists("/proc/self/comm"):
        pytest.skip("only /proc shows names")
    child = job.start(
        [sys.executable, "-c", "open('/proc/self/comm', 'w').write(') Z 1 (x'); print(flush=True); input()"]
    )
    assert child.stdout
    child.stdout.readline()
    assert is_alive(identity_of(child.pid))


def test_ps_identifies_a_process_without_proc() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    first = identity._start_time_from_ps(child.pid)
    assert first is not None
    assert first == identity._start_time_from_ps(child.pid)
    child.kill()
    wait_for(lambda: identity._start_time_from_ps(child.pid) is None, "death of the child")
    child.communicate()
