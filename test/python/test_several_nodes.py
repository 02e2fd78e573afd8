"""The reason why a job on several nodes failed, from the reports of the nodes."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from trainyard.scripts.node_reports import NodeReport, NodeReports
from trainyard.scripts.process_folder import Failure
from trainyard.scripts.several_nodes import failure_of


def described(rank: int, message: str) -> Failure:
    failure = {"reason": "TRAINER_ERROR", "message": message, "traceback": ""}
    return Failure(rank=rank, exit_code=1, at=0.0, description=failure)


SEEN = Failure(rank=0, exit_code=1, at=0.0, description=None)
LOST = described(0, "RuntimeError: [gloo/transport/tcp/pair.cc:547] Connection closed by peer [10.0.0.2]:40000")
KILLED = Failure(rank=1, exit_code=-signal.SIGKILL, at=0.0, description=None)


@pytest.mark.parametrize(
    ("ended", "code", "reason", "message"),
    [
        ([NodeReport("n1", 0), NodeReport("n2", 0)], 0, None, ""),
        ([NodeReport("n1", 1, (LOST, SEEN)), NodeReport("n2", 1, (KILLED,))], 0, "TRAINER_ERROR", "rank 1 was killed"),
        (
            [NodeReport("n1", 1, (LOST, SEEN)), NodeReport("n2", 1, (described(1, "ValueError: shape"),))],
            0,
            "TRAINER_ERROR",
            "rank 1: ValueError: shape",
        ),
        # Both ranks lost the connection, for example to each other.
        ([NodeReport("n1", 1, (LOST, SEEN)), NodeReport("n2", 0)], 0, "TRAINER_ERROR", "rank 0: RuntimeError"),
        # The other node says nothing: that broke the connection.
        ([NodeReport("n1", 1, (LOST, SEEN)), NodeReport("n2")], -9, "NODE_FAIL", "on node n2 ended"),
        ([NodeReport("n1", 1, (LOST, SEEN))], -9, "NODE_FAIL", "on node number 2 ended"),
        ([NodeReport("n1"), NodeReport("n2")], 137, "SIGNAL", "were killed"),
        ([], 1, "TRAINER_ERROR", "srun ended with code 1"),
        ([NodeReport("n1", 1), NodeReport("n2", 0)], 0, "TRAINER_ERROR", "torchrun ended with code 1 on n1"),
    ],
)
def test_the_reason_is_that_of_the_first_cause(
    ended: list[NodeReport], code: int, reason: str | None, message: str
) -> None:
    error = failure_of(dict(enumerate(ended)), 2, code)
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
