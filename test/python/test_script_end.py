"""The end of a script is that of a Python program: nothing that Python does at its exit is missing or hangs."""

from __future__ import annotations

import textwrap

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


@pytest.mark.parametrize(
    "harm",
    [
        "os.close(1); os.close(2)",
        "sys.stderr = None",
        "sys.stdout.close(); sys.stderr.close()",
        "os.dup2(os.open(os.devnull, os.O_WRONLY), 2)",
        "resource.setrlimit(resource.RLIMIT_NOFILE, (80, 80)); files = [open(os.devnull) for _ in range(90)]",
    ],
)
def test_a_failure_is_in_the_status_and_the_log_whatever_the_script_does_to_its_descriptors(
    job: JobUnderTest, harm: str
) -> None:
    job.trainer(f"import os, resource, sys\nprint('epoch 1/2 loss 0.5', flush=True)\n{harm}\n1 / 0")
    assert run(job) == "ERROR"
    status = job.status()
    message = "OSError: [Errno 24] Too many open files" if "files" in harm else "ZeroDivisionError: division by zero"
    assert status["error"]["message"].startswith(message)
    assert (status["step"], status["metrics"]) == (1, {"loss": 0.5})
    logged = "\n".join(text for _, text in job.log())
    assert logged.count("Traceback") == logged.count(message) == 1


def test_an_exception_without_a_text_is_a_failure_with_its_name(job: JobUnderTest) -> None:
    job.trainer(
        """
        class OddError(Exception):
            def __str__(self):
                raise RuntimeError("no text")
        print("epoch 1/1 loss 0.5")
        raise OddError
        """
    )
    assert run(job) == "ERROR"
    assert (job.status()["error"]["message"], job.status()["step"]) == ("OddError", 1)


def test_the_text_of_an_object_that_the_script_exits_with_is_the_message(job: JobUnderTest) -> None:
    job.trainer("import sys\nsys.exit(['no data', 3])")
    assert run(job) == "ERROR"
    assert (job.status()["error"]["message"], job.exit()["exit_code"]) == ("['no data', 3]", 1)


_FREED = """
    import os, sys
    sys.path.append("site-packages")
    import library, own

    class Freed:
        def __del__(self, write=os.write):
            write(1, b"script freed\\n")

    freed = Freed()
    freed.itself = freed
    file = open("file.txt", "w")
    file.write("of the script")
"""


@pytest.mark.parametrize(
    ("last_line", "freed"),
    [
        pytest.param("", ["script freed"], id="ended"),
        pytest.param("sys.exit(3)", ["script freed"], id="failed"),
        pytest.param("sys.excepthook = lambda *_: freed", ["script freed", "library freed"], id="referred to"),
    ],
)
def test_the_objects_of_a_script_are_freed_at_its_end_and_those_of_libraries_only_if_needed(
    job: JobUnderTest, last_line: str, freed: list[str]
) -> None:
    folder = job.trainer(textwrap.dedent(_FREED) + last_line).parent
    (folder / "site-packages").mkdir()
    (folder / "site-packages" / "library.py").write_text(
        "import os\n"
        "class Freed:\n"
        "    def __del__(self, write=os.write): write(1, b'library freed\\n')\n"
        "freed = Freed()\n"
        "freed.itself = freed\n"
        "file = open('library.txt', 'w')\n"
        "file.write('of a library')\n"
        "file.itself = [file]\n"
    )
    (folder / "own.py").write_text("file = open('own.txt', 'w')\nfile.write('of a module')\n")
    run(job)
    assert sorted(text for _, text in job.log() if "freed" in text) == sorted(freed)
    assert (folder / "file.txt").read_text() == "of the script"
    assert (folder / "own.txt").read_text() == "of a module"
    assert (folder / "library.txt").read_text() == "of a library"
