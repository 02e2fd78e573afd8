"""A script runs in several processes under torchrun, as one job."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from job_under_test import JobUnderTest, finish, wait_for

pytest.importorskip("torch")

SECONDS = 120.0  # three processes import PyTorch

SETUP = """
import os, sys, time
import torch
import torch.distributed as dist
dist.init_process_group("gloo")
rank, world = dist.get_rank(), dist.get_world_size()
"""

# Linear regression with SGD. Each rank trains on its part of each batch, and prints the weights.
TRAIN = """
import argparse, os
import torch
import torch.distributed as dist

parser = argparse.ArgumentParser()
parser.add_argument("--batch-size", type=int, default=8)
args = parser.parse_args()
world = int(os.environ.get("WORLD_SIZE", "1"))
rank = int(os.environ.get("RANK", "0"))
torch.manual_seed(0)
x = torch.randn(64, 3, dtype=torch.float64)
y = x @ torch.tensor([1.0, -2.0, 3.0], dtype=torch.float64)
model = torch.nn.Linear(3, 1, dtype=torch.float64)
if world > 1:
    dist.init_process_group("gloo")
    model = torch.nn.parallel.DistributedDataParallel(model)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
per_step = args.batch_size * world
for step in range(64 // per_step):
    mine = slice(step * per_step + rank * args.batch_size, step * per_step + (rank + 1) * args.batch_size)
    loss = ((model(x[mine]).squeeze() - y[mine]) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
weights = getattr(model, "module", model).weight.detach().squeeze().tolist()
print("weights", " ".join(f"{weight:.9f}" for weight in weights))
if world > 1:
    dist.destroy_process_group()
"""


def printed(job: JobUnderTest) -> list[str]:
    return [text for name, text in job.log() if name == "stdout"]


def run(job: JobUnderTest) -> str:
    finish(job.supervise(), SECONDS)
    return str(job.statuses()[-1])


def lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def test_an_abort_of_native_libraries_after_the_script_does_not_fail_the_job(job: JobUnderTest) -> None:
    # As PyTorch does now and then if it destroys a thread of Gloo that still runs.
    job.trainer(
        """
        import ctypes, os, sys
        libc = ctypes.CDLL(None)
        libc.__cxa_atexit(libc.abort, None, None)
        notes = open(f"notes-{os.environ['RANK']}.txt", "w")
        notes.write("complete")
        libc.printf(b"native\\n")
        print("last line")
        """,
        processes=2,
    )
    assert run(job) == "COMPLETED", job.log()
    folder = job.home.path / "trainers"
    assert [(folder / f"notes-{rank}.txt").read_text() for rank in (0, 1)] == ["complete", "complete"]
    assert sorted(printed(job)) == ["[rank 0] last line", "[rank 1] last line", "native", "native"]


def test_two_processes_learn_the_same_as_one_with_twice_the_batch(job: JobUnderTest) -> None:
    job.trainer(TRAIN, processes=2, batch_size=8)
    assert run(job) == "COMPLETED", job.log()
    first, second = sorted(line for line in printed(job) if "weights" in line)
    assert first.startswith("[rank 0] weights ")
    assert second == first.replace("[rank 0]", "[rank 1]")
    job.home.log(job.job_id).unlink()
    job.trainer(TRAIN, batch_size=16)
    job.home.exit(job.job_id).unlink()
    job.home.status(job.job_id).unlink()
    assert run(job) == "COMPLETED", job.log()
    assert printed(job) == [first.removeprefix("[rank 0] ")]


def test_rank_0_reports_each_step_once(job: JobUnderTest) -> None:
    job.trainer(
        SETUP
        + """
from trainyard import Reporter
with Reporter.from_environment() as report:
    report.begin(total_steps=10, epochs=1)
    for step in range(1, 11):
        report.step(step=step, epoch=1, loss=100.0 * rank + step)
        dist.barrier()
dist.destroy_process_group()
""",
        processes=2,
    )
    assert run(job) == "COMPLETED", job.log()
    assert job.statuses() == ["STARTING", "LOADING", "RUNNING", "COMPLETED"]
    assert [(line["step"], line["values"]["loss"]) for line in job.metrics()] == [(1, 1.0), (5, 5.0), (10, 10.0)]


@pytest.mark.parametrize(
    ("end", "message"),
    [
        ("raise ValueError('shape of rank 1')", "rank 1: ValueError: shape of rank 1"),
        ("os.kill(os.getpid(), 9)", "The process of rank 1 was killed by SIGKILL."),
        ("os._exit(4)", "The process of rank 1 exited with code 4; see the log."),
    ],
)
def test_a_dead_rank_fails_the_job_with_its_own_failure(job: JobUnderTest, end: str, message: str) -> None:
    # Rank 0 waits for rank 1, and does not notice that it is gone.
    job.trainer(f"{SETUP}\nprint('pid', os.getpid(), flush=True)\nif rank == 1: {end}\ntime.sleep(600)", processes=2)
    assert run(job) == "ERROR"
    error = job.status()["error"]
    assert error["message"] == message
    if "ValueError" in message:
        assert error["traceback"].splitlines()[-1] == "ValueError: shape of rank 1"
        assert "in <module>" in error["traceback"].splitlines()[1]
        assert "trainyard/scripts" not in error["traceback"]
    pids = [int(line.split()[-1]) for line in printed(job) if " pid " in line]
    assert len(pids) == 2
    assert not any(map(lives, pids))


def test_the_failure_is_that_of_the_rank_that_broke_the_connection(job: JobUnderTest) -> None:
    job.trainer(
        f"{SETUP}\nif rank == 1: os.kill(os.getpid(), 9)\ndist.all_reduce(torch.ones(1))",
        processes=2,
    )
    assert run(job) == "ERROR"
    assert job.status()["error"]["message"] == "The process of rank 1 was killed by SIGKILL."


STOPPED = {
    "plain": "time.sleep(600)",
    "collective": "while True:\n    dist.all_reduce(torch.ones(1))",
    "saves": "try:\n    time.sleep(600)\nexcept KeyboardInterrupt:\n    time.sleep(2 * rank)\n"
    "    print('saved', flush=True)",
}


@pytest.mark.parametrize("script", STOPPED)
def test_a_stop_reaches_every_process(job: JobUnderTest, script: str) -> None:
    job.trainer(f"{SETUP}\nprint('pid', os.getpid(), flush=True)\n{STOPPED[script]}", processes=2)
    supervisor = job.supervise()
    wait_for(lambda: sum(" pid " in line for line in printed(job)) == 2, "both processes", SECONDS)
    supervisor.terminate()
    finish(supervisor, SECONDS)
    assert job.statuses()[-1] == "STOPPED", job.log()
    assert job.exit()["exit_code"] == 0
    if script == "saves":
        assert {"[rank 0] saved", "[rank 1] saved"} <= set(printed(job))
    assert not any(lives(int(line.split()[-1])) for line in printed(job) if " pid " in line)


def test_a_script_that_passes_the_stop_on_itself_is_not_interrupted(job: JobUnderTest) -> None:
    job.trainer(
        SETUP
        + """
from trainyard import Reporter
with Reporter.from_environment() as report:
    stop = torch.zeros(1)
    print("ready", flush=True)
    while not stop:
        stop.fill_(report.should_stop)
        dist.broadcast(stop, 0)
        time.sleep(0.01)
    time.sleep(1)  # the request reaches rank 1 too
    dist.barrier()
    print("ended together", flush=True)
dist.destroy_process_group()
""",
        processes=2,
    )
    supervisor = job.supervise()
    wait_for(lambda: sum("ready" in line for line in printed(job)) == 2, "both processes", SECONDS)
    supervisor.terminate()
    finish(supervisor, SECONDS)
    assert sum("ended together" in line for line in printed(job)) == 2, job.log()
    assert job.statuses()[-1] == "STOPPED"


def test_a_killed_trainer_leaves_no_process(job: JobUnderTest) -> None:
    job.trainer(f"{SETUP}\nprint('pid', os.getpid(), os.getppid(), flush=True)\ntime.sleep(600)", processes=2)
    supervisor = job.supervise()
    wait_for(lambda: sum(" pid " in line for line in printed(job)) == 2, "both processes", SECONDS)
    pids = {int(pid) for line in printed(job) if " pid " in line for pid in line.split()[3:]}
    assert len(pids) == 3
    os.kill(supervisor.pid, signal.SIGKILL)  # so that it cannot clean up
    os.kill(job.status()["process"]["pid"], signal.SIGKILL)
    wait_for(lambda: not any(map(lives, pids)), "the end of all processes", SECONDS)
