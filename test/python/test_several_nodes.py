"""The reason why a job on several nodes failed, from the reports of the nodes."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from trainyard.scripts.node_reports import NodeReport, NodeReports
from trainyard.scripts.process_folder import Failure
from trainyard.scripts.several_nodes import failure_of
from trainyard.scripts.srun_messages import SrunMessages
from trainyard.scripts.torchrun import out_of_memory


def described(rank: int, message: str) -> Failure:
    failure = {"reason": "TRAINER_ERROR", "message": message, "traceback": ""}
    return Failure(rank=rank, exit_code=1, at=0.0, description=failure)


SEEN = Failure(rank=0, exit_code=1, at=0.0, description=None)
LOST = described(0, "RuntimeError: [gloo/transport/tcp/pair.cc:547] Connection closed by peer [10.0.0.2]:40000")
KILLED = Failure(rank=1, exit_code=-signal.SIGKILL, at=0.0, description=None)
OOM = Failure(rank=0, exit_code=-signal.SIGKILL, at=0.0, description=out_of_memory())


@pytest.mark.parametrize(
    ("ended", "code", "killed", "reason", "message"),
    [
        ([NodeReport("n1", 0), NodeReport("n2", 0)], 0, None, None, ""),
        (
            [NodeReport("n1", 1, (LOST, SEEN)), NodeReport("n2", 1, (KILLED,))],
            0,
            None,
            "TRAINER_ERROR",
            "rank 1 was killed",
        ),
        (
            [NodeReport("n1", 1, (LOST, SEEN)), NodeReport("n2", 1, (described(1, "ValueError: shape"),))],
            0,
            None,
            "TRAINER_ERROR",
            "rank 1: ValueError: shape",
        ),
        # Both ranks lost the connection, for example to each other.
        ([NodeReport("n1", 1, (LOST, SEEN)), NodeReport("n2", 0)], 0, None, "TRAINER_ERROR", "rank 0: RuntimeError"),
        # The other node says nothing: that broke the connection.
        ([NodeReport("n1", 1, (LOST, SEEN)), NodeReport("n2")], -9, None, "NODE_FAIL", "on node n2 ended"),
        ([NodeReport("n1", 1, (LOST, SEEN))], -9, None, "NODE_FAIL", "on node number 2 ended"),
        ([NodeReport("n1"), NodeReport("n2")], 137, None, "SIGNAL", "were killed"),
        ([], 1, None, "TRAINER_ERROR", "srun ended with code 1"),
        ([NodeReport("n1", 1), NodeReport("n2", 0)], 0, None, "TRAINER_ERROR", "torchrun ended with code 1 on n1"),
        # Slurm kills all processes of a node together, its agent included, where control groups say so.
        ([NodeReport("n1"), NodeReport("n2")], 1, "n2", "OUT_OF_MEMORY", "killed the processes on n2 because memory"),
        ([NodeReport("n1", 1, (LOST, SEEN)), NodeReport("n2")], 1, "n2", "OUT_OF_MEMORY", "processes on n2"),
        ([NodeReport("n1", 1, (OOM,)), NodeReport("n2")], 1, "n[1-2]", "OUT_OF_MEMORY", "rank 0: The kernel"),
        # The script has continued without the process, such as a worker of its own.
        ([NodeReport("n1", 0), NodeReport("n2", 0)], 1, "n2", None, ""),
    ],
)
def test_the_reason_is_that_of_the_first_cause(
    ended: list[NodeReport], code: int, killed: str | None, reason: str | None, message: str
) -> None:
    error = failure_of(dict(enumerate(ended)), 2, code, killed)
    assert (error and error.failure["reason"]) == reason
    assert message in (error.failure["message"] if error else "")


def test_a_report_is_read_as_it_was_written_and_not_before(tmp_path: Path) -> None:
    reports = NodeReports(tmp_path / "nodes")
    reports.create(2)
    assert reports.read(2) == {}
    report = NodeReport("n2", 1, (LOST, KILLED))
    reports.write(1, NodeReport("a longer name than the next"))
    reports.write(1, report)
    assert reports.read(2) == {1: report}


@pytest.mark.parametrize(
    ("lines", "nodes"),
    [
        ("srun: error: n2: task 1: Out Of Memory", "n2"),
        ("output\nsrun: error: n[1-2]: tasks 0-1: Out Of Memory\nsrun: Terminating", "n[1-2]"),
        ("srun: error: n2: task 1: Killed", None),
        ("the log says srun: error: n2: task 1: Out Of Memory", None),
    ],
)
def test_the_nodes_whose_memory_ran_out_are_in_the_messages_of_srun(
    lines: str, nodes: str | None, capfd: pytest.CaptureFixture[str]
) -> None:
    # In two parts: a message can be cut anywhere.
    script = "import os, sys, time; [(os.write(2, part.encode()), time.sleep(0.05)) for part in sys.argv[1:]]"
    half = len(lines) - 5
    command = [sys.executable, "-c", script, lines[:half], lines[half:] + "\n"]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        messages = SrunMessages(process.stderr)
        process.wait()
        messages.end()
    assert messages.out_of_memory == nodes
    assert capfd.readouterr().err == f"{lines}\n"
