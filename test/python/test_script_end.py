"""The end of a script is that of a Python program: nothing that Python does at its exit is missing or hangs."""

from __future__ import annotations

import pytest
from job_under_test import JobUnderTest, finish


def run(job: JobUnderTest) -> str:
    """Run the job to its end and return its last status."""
    finish(job.supervise())
    return str(job.statuses()[-1])


@pytest.mark.parametrize("executor", ["ThreadPoolExecutor", "ProcessPoolExecutor"])
def test_an_executor_that_the_script_leaves_open_does_not_prevent_its_end(job: JobUnderTest, executor: str) -> None:
    job.trainer(
        f"""
        from concurrent.futures import {executor}
        if __name__ == "__main__":
            executor = {executor}(2)
            print("loss", executor.submit(abs, -7).result())
        """
    )
    assert run(job) == "COMPLETED"
    assert job.status()["metrics"] == {"loss": 7}


@pytest.mark.parametrize(("end", "status"), [("", "COMPLETED"), ("sys.exit(3)", "ERROR"), ("1 / 0", "ERROR")])
def test_exit_functions_can_print_numbers_and_save_files(job: JobUnderTest, end: str, status: str) -> None:
    job.trainer(
        f"""
        import atexit, os, sys

        @atexit.register
        def save():
            with open(os.path.join(os.environ["TRAINYARD_OUTPUT_DIR"], "model.txt"), "w") as file:
                file.write("weights")
            print("epoch 2/2 loss 0.25")

        print("epoch 1/2 loss 0.5", flush=True)
        {end}
        """
    )
    assert run(job) == status
    assert [(line["step"], line["values"]["loss"]) for line in job.metrics()] == [(1, 0.5), (2, 0.25)]
    assert (job.home.outputs(job.job_id) / "model.txt").read_text() == "weights"
    assert ("stdout", "epoch 2/2 loss 0.25") in job.log()


def test_a_forked_child_that_exits_leaves_the_empty_output_folder_to_its_parent(job: JobUnderTest) -> None:
    job.trainer(
        """
        import os, sys
        if os.fork() == 0:
            sys.exit(0)
        os.wait()
        open(os.path.join(os.environ["TRAINYARD_OUTPUT_DIR"], "model.txt"), "w").close()
        """
    )
    assert run(job) == "COMPLETED", job.status()["error"]
    assert (job.home.outputs(job.job_id) / "model.txt").exists()


@pytest.mark.parametrize("code", [256, -256])
def test_a_script_whose_exit_code_is_0_for_the_system_is_completed(job: JobUnderTest, code: int) -> None:
    job.trainer(f"import sys\nsys.exit({code})")
    assert run(job) == "COMPLETED"
    assert job.exit()["exit_code"] == 0
