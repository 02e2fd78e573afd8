"""The reason of a failure: another process was killed, or memory ran out."""

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


def named(name: str, base: type[Exception], text: str) -> Exception:
    return type(name, (base,), {})(text)


# As the libraries word them.
GPU_MEMORY = [
    named("OutOfMemoryError", RuntimeError, "CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total ..."),
    named("AcceleratorError", RuntimeError, "CUDA error: out of memory\nCUDA kernel errors might be reported later"),
    RuntimeError("CUDA error: out of memory"),
    RuntimeError("CUDA driver error: out of memory"),
    RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
    RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"),
    RuntimeError("MPS backend out of memory (MPS allocated: 18.02 GB, other allocations: 1.00 GB)"),
    named(
        "OutOfMemoryError", MemoryError, "Out of memory allocating 8,589,934,592 bytes on GPU (allocated so far: 0)."
    ),
    named("ResourceExhaustedError", Exception, "OOM when allocating tensor with shape[1024] on /device:GPU:0 by ..."),
    named("XGBoostError", ValueError, "Memory allocation error on worker 0: cudaErrorMemoryAllocation: out of memory"),
]
OTHER_MEMORY = [
    RuntimeError("[enforce fail at alloc_cpu.cpp:121] data. DefaultCPUAllocator: can't allocate memory: ..."),
    named(
        "JaxRuntimeError", RuntimeError, "RESOURCE_EXHAUSTED: Out of memory while trying to allocate 17179869184 bytes."
    ),
    MemoryError("Unable to allocate 7.28 TiB for an array"),
]
NO_MEMORY = [
    RuntimeError("DataLoader worker is killed by signal: Bus error. Its workers are out of shared memory."),
    named("AcceleratorError", RuntimeError, "CUDA error: device-side assert triggered"),
    ValueError("the sentence was: out of memory"),
]


@pytest.mark.parametrize("error", GPU_MEMORY)
def test_a_gpu_without_memory_is_named_in_the_message(error) -> None:
    failure = describe_failure(error)
    assert failure["reason"] == "OUT_OF_MEMORY"
    assert failure["message"].startswith("The GPU ran out of memory. Use a smaller batch size or model")
    assert str(error) in failure["message"]


@pytest.mark.parametrize("error", OTHER_MEMORY)
def test_another_memory_error_names_the_trainer(error) -> None:
    failure = describe_failure(error)
    assert failure["reason"] == "OUT_OF_MEMORY"
    assert failure["message"].startswith("The trainer ran out of memory.")


@pytest.mark.parametrize("error", NO_MEMORY)
def test_other_errors_of_libraries_are_errors_of_the_trainer(error) -> None:
    assert describe_failure(error)["reason"] == "TRAINER_ERROR"
