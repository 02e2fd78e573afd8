"""Run a script on several nodes of a Slurm cluster, in the processes of one ``torch.distributed`` group.

The trainer process, on the first node, owns the job. It starts a process on each node with ``srun`` (`node`), which
runs torchrun there, with a rendezvous on the first node. Their output comes back through ``srun``.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from trainyard.reporter.reporter import Reporter
from trainyard.scripts.environment import OUTPUT_DIR
from trainyard.scripts.folder import Script
from trainyard.scripts.node import STOP
from trainyard.scripts.node_reports import NodeReport, NodeReports
from trainyard.scripts.process_folder import ProcessFolder
from trainyard.scripts.srun_messages import SrunMessages
from trainyard.scripts.torchrun import ProcessFailedError, out_of_memory, process_failure, root_cause

_POLL_SECONDS = 0.5
_SECONDS_PER_NODE = 0.005
"""Time between two looks at the reports, for each node: opening a file of NFS takes about a millisecond."""

_END_SECONDS = 5.0
"""Time for the other nodes to notice a failure on their own, and then for their end before ``srun`` is killed."""

_PORTS = range(20_000, 32_000)
"""Ports for the rendezvous: below those that Linux gives to outgoing connections."""


def run_on_nodes(report: Reporter, script: Script, arguments: list[str], processes: int, nodes: int) -> None:
    """Run a script in ``processes`` processes on each of ``nodes`` nodes to their end. A stop request reaches each.

    Raises:
        ProcessFailedError: a process or a node failed; the others were ended.
    """
    report.handles_stop()
    if os.environ.get("SLURM_JOB_NUM_NODES") != str(nodes):
        raise process_failure(f"Slurm has not given this job {nodes} nodes.")
    reports = NodeReports(Path(os.environ[OUTPUT_DIR]) / ".nodes")
    shutil.rmtree(reports.folder, ignore_errors=True)  # of an attempt that was killed
    try:
        reports.create(nodes)
        ProcessFolder(reports.folder).write_program(script, arguments)
        code, killed = _run(report, srun_command(reports.folder, processes, nodes), reports, nodes)
        ended = reports.read(nodes)
    finally:
        shutil.rmtree(reports.folder, ignore_errors=True)
    failure = failure_of(ended, nodes, code, killed)
    if failure is not None and not report.stop_requested:
        raise failure


def srun_command(folder: Path, processes: int, nodes: int) -> list[str]:
    """Return the command that starts one process on each node of this Slurm job."""
    cpus = os.environ.get("SLURM_CPUS_PER_TASK")
    return [
        "srun",
        f"--nodes={nodes}",
        f"--ntasks={nodes}",
        "--ntasks-per-node=1",
        # From Slurm 22.05 on, a step has one CPU for each task unless it asks for more.
        *([f"--cpus-per-task={cpus}"] if cpus else []),
        "--mpi=none",
        # A process that was killed ends the others. One that ends on its own writes a report, and exits with code 0.
        "--kill-on-bad-exit=1",
        "--wait=0",
        sys.executable,
        "-m",
        "trainyard.scripts.node",
        str(folder),
        str(processes),
        str(_free_port()),
    ]


def failure_of(
    ended: dict[int, NodeReport], nodes: int, code: int, killed: str | None = None
) -> ProcessFailedError | None:
    """Return why the job failed; None if all nodes have succeeded.

    Args:
        ended: the reports of the nodes, by their number.
        code: exit code of ``srun``.
        killed: the nodes whose process the kernel killed because memory ran out; None if there are none.
    """
    failures = [failure for report in ended.values() for failure in report.failures]
    silent = [node for node in range(nodes) if node not in ended or ended[node].exit_code is None]
    cause = root_cause(failures, silent=bool(silent))
    if silent and killed is not None and (cause is None or cause.failure["reason"] != "OUT_OF_MEMORY"):
        return ProcessFailedError(out_of_memory(f"the processes on {killed}"), -signal.SIGKILL)
    if cause is not None:
        return cause
    if not ended:
        text = f"srun ended with code {code} before the script started; see the log."
        return process_failure(text)
    if silent and code == 128 + signal.SIGKILL:
        text = "The processes on the nodes were killed. The log has what Slurm says about it."
        return process_failure(text, "SIGNAL")
    if silent:
        names = ", ".join(ended[node].name if node in ended else f"number {node + 1}" for node in silent[:10])
        noun = "node" if len(silent) == 1 else "nodes"
        text = f"The processes on {noun} {names} ended without a record: the node failed."
        return process_failure(text, "NODE_FAIL")
    failed = [report for report in ended.values() if report.exit_code]
    if failed:
        text = f"torchrun ended with code {failed[0].exit_code} on {failed[0].name}; see the log."
        return process_failure(text)
    return None


def _run(report: Reporter, command: list[str], reports: NodeReports, nodes: int) -> tuple[int, str | None]:
    """Run ``srun`` to its end. Returns its exit code, and the nodes on which memory ran out."""
    srun = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    assert srun.stdin is not None
    assert srun.stderr is not None
    messages = SrunMessages(srun.stderr)
    is_stopped = False
    failed_at: float | None = None
    while True:
        with suppress(subprocess.TimeoutExpired):
            code = srun.wait(max(_POLL_SECONDS, nodes * _SECONDS_PER_NODE))
            messages.end()
            return code, messages.out_of_memory
        with suppress(BrokenPipeError):  # it ends
            if report.stop_requested and not is_stopped:
                is_stopped = True
                os.write(srun.stdin.fileno(), STOP)
        if failed_at is None and any(ended.exit_code for ended in reports.read(nodes).values()):
            failed_at = time.monotonic()
        if failed_at is not None and not report.stop_requested:
            seconds = time.monotonic() - failed_at
            if seconds > _END_SECONDS:
                srun.stdin.close()
            if seconds > 2 * _END_SECONDS:  # a node does not answer; Slurm ends the remaining processes there
                srun.kill()


def _free_port() -> int:
    """Return a port that is free on this node."""
    for port in random.SystemRandom().sample(_PORTS, 100):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("", port))
            return port
    raise process_failure("The first node has no free port for the rendezvous.")
