"""The reason of a failure whose exception says that another process was killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor

import pytest

from trainyard.failure import describe_failure
from trainyard.scripts.program import ScriptExitError
from trainyard.supervisor.oom import OomKills

BEFORE_A_KILL = OomKills(-1)
"""A count from before the kernel has killed a process of this control group."""


def kill_self() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def of_a_program() -> BaseException:
    with pytest.raises(subprocess.CalledProcessError) as raised:
        subprocess.run([sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"], check=True)
    return raised.value


def of_a_process_pool() -> BaseException:
    with ProcessPoolExecutor(1) as pool, pytest.raises(Exception) as raised:
        pool.submit(kill_self).result()
    return raised.value


def of_a_data_loader() -> BaseException:
    # As PyTorch words it: the test of a cluster has a real one.
    error = RuntimeError("DataLoader worker (pid(s) 4711) exited unexpectedly")
    error.__cause__ = RuntimeError("DataLoader worker (pid 4711) is killed by signal: Killed. ")
    return error


def of_a_shell() -> BaseException:
    return ScriptExitError("The script exited with code 137; see its log.", 137)


def of_an_exit_with_the_code_of_a_process() -> BaseException:
    return ScriptExitError("The script exited with code 247; see its log.", 247)


def consequence() -> BaseException:
    error = ValueError("no result")
    error.__context__ = of_a_program()
    return error


EXCEPTIONS = [
    of_a_program,
    of_a_process_pool,
    of_a_data_loader,
    of_a_shell,
    of_an_exit_with_the_code_of_a_process,
    consequence,
]


@pytest.mark.parametrize("exception", EXCEPTIONS)
def test_a_killed_child_means_out_of_memory_if_the_kernel_has_killed_for_memory(exception) -> None:
    error = exception()
    failure = describe_failure(error, BEFORE_A_KILL)
    assert failure["reason"] == "OUT_OF_MEMORY"
    assert failure["message"].startswith("The kernel killed a process of the training because memory ran out.")
    assert str(error).strip() in failure["message"]


@pytest.mark.parametrize("exception", EXCEPTIONS)
def test_a_killed_child_is_an_error_of_the_trainer_if_someone_else_has_killed_it(exception) -> None:
    error = exception()
    assert describe_failure(error, OomKills(sys.maxsize))["reason"] == "TRAINER_ERROR"
    assert describe_failure(error, None)["reason"] == "TRAINER_ERROR"


def test_an_exception_without_a_killed_child_keeps_its_reason() -> None:
    assert describe_failure(ValueError("bad"), BEFORE_A_KILL)["reason"] == "TRAINER_ERROR"
    circle = ValueError("bad")
    circle.__cause__ = circle
    assert describe_failure(circle, BEFORE_A_KILL)["reason"] == "TRAINER_ERROR"
    assert describe_failure(MemoryError(), BEFORE_A_KILL)["message"].startswith("The trainer ran out of memory.")

