"""The processes of a job on one of its nodes: ``python -m trainyard.scripts.node FOLDER PROCESSES PORT``.

`several_nodes` starts it on each node with ``srun``, and writes to the standard input of all: the line ``stop`` for a
stop request, and the end of the input to end everything.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import socket
import sys
import tempfile
from pathlib import Path

from trainyard.scripts.node_reports import NodeReport, NodeReports
from trainyard.scripts.process_folder import PROGRAM, ProcessFolder
from trainyard.scripts.torchrun import Agent

STOP = b"stop\n"
"""The line on standard input that requests a stop."""

_POLL_SECONDS = 0.2


def main(path: str, processes: int, port: int) -> int:
    """Run the processes of this node to their end and report it. Returns 0: the report says how they ended."""
    # Slurm sends it to all processes of the job, for example before it preempts: the workers save, and this one waits.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    node, nodes = int(os.environ["SLURM_NODEID"]), int(os.environ["SLURM_NNODES"])
    name = os.environ.get("SLURMD_NODENAME") or socket.gethostname()
    reports = NodeReports(Path(path))
    reports.write(node, NodeReport(name))
    rendezvous = [
        f"--nnodes={nodes}",
        f"--node-rank={node}",
        f"--master-addr={os.environ['SLURM_LAUNCH_NODE_IPADDR']}",
        f"--master-port={port}",
    ]
    with tempfile.TemporaryDirectory(prefix="trainyard-") as own:
        shutil.copy(Path(path) / PROGRAM, own)
        folder = ProcessFolder(own)
        agent = Agent(folder, processes, rendezvous)
        code = _run(agent)
        reports.write(node, NodeReport(name, code, tuple(agent.failures())))
    return 0


def _run(agent: Agent) -> int:
    """Run the agent to its end, and handle stop requests from standard input. Returns its exit code."""
    is_stopped = False
    is_open = True
    while (code := agent.wait(0 if is_open else _POLL_SECONDS)) is None:
        if is_stopped:
            agent.pass_stop_on()
        if is_open and select.select([0], [], [], _POLL_SECONDS)[0]:
            received = os.read(0, 4096)
            is_stopped = is_stopped or STOP in received
            if not received:
                is_open = False
                agent.kill()
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
