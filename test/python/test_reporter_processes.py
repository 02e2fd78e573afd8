"""A job with several processes or several reporters has one writer at a time and one owner."""

from __future__ import annotations

import json
import os
import signal
from contextlib import suppress

import pytest
from job_under_test import JobUnderTest, finish, wait_for

from trainyard.identity import identity_of

TWO_RANKS = """
    import multiprocessing as mp

    def rank(k):
        with Reporter.from_environment() as report:
            report.begin(total_steps=20, epochs=1)
            for step in range(1, 21):
                report.step(step=step, epoch=1, loss=k * 1000.0 + step, accuracy=step)
            (home / f"done{k}").touch()
            while len(list(home.glob("done?"))) < 2:  # so that both are inside the block at once
                time.sleep(0.005)

    import pathlib
    home = pathlib.Path(os.environ["TRAINYARD_HOME"])
    if __name__ == "__main__":
        ranks = [mp.get_context("spawn").Process(target=rank, args=(k,)) for k in (0, 1)]
        for process in ranks:
            process.start()
        for process in ranks:
            process.join()
        print("exit codes", [process.exitcode for process in ranks], flush=True)
    """


def test_a_reporter_of_the_script_reports_through_the_one_around_it(job: JobUnderTest) -> None:
    script = job.owned_script("""
        with Reporter.from_environment() as report:
            report.begin(total_steps=4, epochs=2, message="mine")
            for step in range(1, 5):
                report.step(step=step, epoch=step // 3 + 1, loss=1 / step)
        print("after the block", flush=True)
        sys.stdin.readline()
        Reporter.from_environment().message("again")
        """)
    assert script.stdout and script.stdout.readline() == "after the block\n"
    wait_for(lambda: job.status()["step"] == 4, "the last step")
    assert job.status()["status"] == "RUNNING"
    assert script.communicate("go on\n")[1] == ""
    status = job.status()
    assert job.statuses() == ["LOADING", "RUNNING", "COMPLETED"]
    assert (status["message"], status["epochs"], status["loss"], status["pid"]) == ("again", 2, 0.25, script.pid)
    assert [line["step"] for line in job.metrics()] == [1, 4]
    assert list(job.home.staging.iterdir()) == []


def test_an_exception_passes_the_inner_block_and_ends_the_job(job: JobUnderTest) -> None:
    script = job.owned_script("""
        try:
            with Reporter.from_environment() as report:
                raise ValueError("caught by the script")
        except ValueError:
            print(Reporter.from_environment().attempt)
        with Reporter.from_environment() as report:
            raise ValueError("not caught")
        """)
    output, errors = script.communicate()
    assert (script.returncode, output) == (1, "1\n")
    assert job.status()["error"]["message"] == "ValueError: not caught"
    assert errors.endswith("ValueError: not caught\n")


def test_the_owner_knows_which_metrics_the_script_reports_itself(job: JobUnderTest) -> None:
    script = job.owned_script("""
        from trainyard.reporter.shared_reporter import shared
        print(sorted(shared().explicit_names), shared().explicit_steps)
        with Reporter.from_environment() as report:
            report.step(step=1, loss=0.5, dice=0.5)
        print(sorted(shared().explicit_names), shared().explicit_steps)
        """)
    assert script.communicate()[0] == "[] False\n['dice', 'loss'] True\n"


def test_of_two_spawned_processes_one_reports_and_the_owner_ends_the_job(job: JobUnderTest) -> None:
    script = job.owned_script(TWO_RANKS)
    output, errors = script.communicate()
    assert output == "exit codes [0, 0]\n"
    assert errors.count("does not report: another process of the job does.") == 1
    assert [line["step"] for line in job.metrics()] == list(range(1, 21))
    assert len({line["values"]["loss"] // 1000 for line in job.metrics()}) == 1
    status = job.status()
    assert job.statuses() == ["LOADING", "RUNNING", "COMPLETED"]
    assert (status["pid"], status["step"], status["total_steps"]) == (script.pid, 20, 20)
    assert (status["extremes"]["accuracy"]["max"]["value"], status["epoch"]) == (20, 1)
    assert list(job.home.staging.iterdir()) == []


def test_without_an_owner_the_first_process_owns_the_job_and_others_are_silent(job: JobUnderTest) -> None:
    first = job.script("""
        with report:
            report.step(step=1, loss=1)
            sys.stdin.readline()
            report.step(step=2, loss=1)
        """)
    wait_for(lambda: job.status().get("step") == 1, "the first step")
    code, errors = finish(
        job.script("""
        with report:
            report.begin(total_steps=7)
            report.step(step=7, loss=7)
        """)
    )
    assert (code, "does not report" in errors) == (0, True)
    first.communicate("go on\n")
    assert (job.statuses()[-1], job.status()["pid"], job.status()["step"]) == ("COMPLETED", first.pid, 2)
    assert {line["values"]["loss"] for line in job.metrics()} == {1}


@pytest.mark.parametrize(
    ("environment", "reports"),
    [
        ({"RANK": "0"}, True), ({"RANK": "1"}, False), ({"SLURM_PROCID": "3"}, False), ({"SLURM_PROCID": "0"}, True),
        ({"RANK": "0", "SLURM_PROCID": "2"}, True), ({"RANK": "", "SLURM_PROCID": "2"}, False), ({"RANK": "x"}, True),
    ],
)  # fmt: skip
def test_only_rank_0_reports(job: JobUnderTest, environment: dict[str, str], reports: bool) -> None:
    job.queue(attempt=1, epochs=12)
    script = job.script(
        """
        with report:
            print(report.planned_epochs, report.attempt, report.should_stop)
            report.begin()
            report.step(step=1, loss=0.5)
        """,
        **environment,
    )
    output, errors = script.communicate()
    assert (script.returncode, output) == (0, "12 1 False\n")
    assert job.status()["status"] == ("COMPLETED" if reports else "QUEUED")
    assert ("does not report: rank 0 does." in errors) != reports


def test_a_rank_of_torch_distributed_counts(job: JobUnderTest) -> None:
    pytest.importorskip("torch")
    script = job.owned_script("""
        import torch.distributed as dist
        import torch.multiprocessing as mp

        def train(rank, path):
            dist.init_process_group("gloo", init_method=f"file://{path}", rank=rank, world_size=2)
            if rank == 0:
                time.sleep(0.3)  # rank 1 enters its block first
            with Reporter.from_environment() as report:
                report.begin(total_steps=1)
                report.step(step=1, loss=float(rank))
            dist.barrier()
            dist.destroy_process_group()

        if __name__ == "__main__":
            mp.spawn(train, (os.environ["TRAINYARD_HOME"] + "/rendezvous",), nprocs=2)
        """)
    _, errors = script.communicate()
    assert script.returncode == 0, errors
    assert "rank 1 (process" in errors
    assert [line["values"] for line in job.metrics()] == [{"loss": 0.0}]


def test_a_killed_guest_leaves_the_role_to_the_next_although_its_data_loader_lives(job: JobUnderTest) -> None:
    script = job.owned_script("""
        import multiprocessing as mp
        spawn = mp.get_context("spawn")

        def dies(pids):
            with Reporter.from_environment() as report:
                report.begin(total_steps=9)
                report.step(step=1, loss=1, val_loss=1)
                report._own.flush()
                if os.fork() == 0:
                    time.sleep(60)
                with open(report._home.metrics(report._job_id), "a") as file:
                    file.write('{"torn":')
                os.kill(os.getpid(), signal.SIGKILL)

        def reports(step):
            with Reporter.from_environment() as report:
                report.step(step=step, loss=step, val_loss=step)

        def run(target, *arguments):
            process = spawn.Process(target=target, args=arguments)
            process.start()
            process.join()
            print(process.exitcode, flush=True)

        if __name__ == "__main__":
            run(dies, 1)
            run(reports, 2)
            Reporter.from_environment().step(step=3, loss=3, val_loss=3)
            run(reports, 4)
            Reporter.from_environment().step(step=5, loss=5, val_loss=5)
        """)
    assert script.wait(60) == 0  # the data loader keeps the pipes open
    os.killpg(script.pid, signal.SIGKILL)
    assert script.stdout and script.stdout.read().split() == ["-9", "0", "0"]
    lines = job.home.metrics(job.job_id).read_text().splitlines()
    assert [json.loads(line)["step"] for line in lines if "torn" not in line] == [1, 2, 3, 4, 5]
    assert job.status()["status"] == "COMPLETED"
    assert job.status()["total_steps"] == 9


def test_the_owner_is_silent_while_a_guest_reports(job: JobUnderTest) -> None:
    script = job.owned_script("""
        import subprocess
        from trainyard.reporter.shared_reporter import shared
        guest = subprocess.Popen([sys.executable, "-c", '''if True:
            import sys
            from trainyard import Reporter
            with Reporter.from_environment() as report:
                report.step(step=10, epoch=2, loss=10, guest=1)
                print("inside", flush=True)
                sys.stdin.readline()
            '''], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        guest.stdout.readline()
        time.sleep(0.06)
        owner = shared()
        owner.message("from the owner")
        owner.step(step=11, loss=99, captured=99)
        time.sleep(0.2)
        print("silent", flush=True)
        sys.stdin.readline()
        guest.communicate("go on")
        print(sorted(owner.explicit_names))  # before the owner does anything
        owner.message("from the owner")
        owner.step(step=12, loss=12, captured=12)
        print(sorted(owner.explicit_names))
        """)
    assert script.stdout and script.stdout.readline() == "silent\n"
    status = job.status()
    assert (status["step"], status["message"], status["metrics"]) == (10, None, {"loss": 10, "guest": 1})
    assert status["process"] == identity_of(script.pid)
    output, errors = script.communicate("go on\n")
    assert (output, errors) == ("[]\n['guest', 'loss']\n", "")
    assert [line["values"] for line in job.metrics()] == [{"loss": 10, "guest": 1}, {"loss": 12, "captured": 12}]
    assert job.status()["sequence"] > status["sequence"]
    assert job.status()["message"] == "from the owner"


def test_a_guest_that_outlives_the_script_does_not_change_the_end(job: JobUnderTest) -> None:
    script = job.owned_script("""
        import subprocess
        guest = subprocess.Popen([sys.executable, "-c", '''if True:
            import sys, time
            from trainyard import Reporter
            with Reporter.from_environment() as report:
                for step in range(1, 100_000):
                    report.step(step=step, loss=1, guest=step)
                    print(step, flush=True)
                    time.sleep(0.002)
            '''], stdout=subprocess.PIPE, text=True, start_new_session=True)
        assert guest.stdout.readline() == "1\\n"
        print(guest.pid, flush=True)
        sys.stdin.readline()
        import atexit
        atexit.register(lambda: (
            print("ended", flush=True), [guest.stdout.readline() for _ in range(500)],
            print("later", flush=True), guest.kill(),
        ))
        """)
    assert script.stdout and script.stdin
    guest = int(script.stdout.readline())
    try:
        script.stdin.write("go on\n")
        script.stdin.flush()
        assert script.stdout.readline() == "ended\n"
        ended = job.status()
        assert ended["status"] == "COMPLETED"
        assert script.stdout.readline() == "later\n"
        assert job.status() == ended
        assert len(job.metrics()) <= ended["step"] + 60  # it checks its role 20 times a second
    finally:
        with suppress(ProcessLookupError):
            os.killpg(guest, signal.SIGKILL)
    assert script.wait() == 0


def test_a_stop_of_the_owner_reaches_the_guest_and_interrupts_the_owner_afterwards(job: JobUnderTest) -> None:
    script = job.owned_script("""
        import multiprocessing as mp

        def train():
            with Reporter.from_environment() as report:
                @report.on_stop
                def save():
                    time.sleep(0.5)
                    print("saved", flush=True)
                for step in range(1, 10**9):
                    report.step(step=step, loss=1.0)
                    time.sleep(0.002)

        if __name__ == "__main__":
            process = mp.get_context("spawn").Process(target=train)
            process.start()
            try:
                # Not `join`: an interrupt between its waitpid and its return loses the child's exit code.
                time.sleep(60)
            except KeyboardInterrupt:
                process.join()
                print("interrupted", process.exitcode, flush=True)
                raise
        """)
    wait_for(lambda: job.status().get("step", 0) > 5, "steps of the guest")
    script.terminate()
    output, _ = script.communicate(timeout=30)
    assert output == "saved\ninterrupted 0\n"
    assert job.statuses() == ["LOADING", "RUNNING", "STOPPING", "STOPPED"]


def test_a_guest_that_starts_after_the_stop_request_stops(job: JobUnderTest) -> None:
    script = job.owned_script("""
        import multiprocessing as mp

        def train():
            with Reporter.from_environment() as report:
                print(report.should_stop, flush=True)

        if __name__ == "__main__":
            Reporter.from_environment().handles_stop()
            print("ready", flush=True)
            sys.stdin.readline()
            process = mp.get_context("spawn").Process(target=train)
            process.start()
            process.join()
        """)
    assert script.stdout and script.stdout.readline() == "ready\n"
    script.terminate()
    wait_for(lambda: job.status()["status"] == "STOPPING", "STOPPING")
    assert script.communicate("go on\n")[0] == "True\n"
    assert job.statuses()[-1] == "STOPPED"
