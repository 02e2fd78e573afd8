"""The agent of torchrun: ``python -m trainyard.scripts.torch_agent FOLDER PROCESSES PARENT [OPTIONS]``."""

from __future__ import annotations

import os
import sys

from trainyard.scripts.parent_death import die_with_parent
from trainyard.scripts.process_folder import ProcessFolder

AGENT_PID = "TRAINYARD_AGENT_PID"
"""Environment variable with the pid of the agent, for its workers."""


def main(path: str, processes: int, parent: int, rendezvous: list[str]) -> int:
    """Run the workers to their end. Returns the exit code: 0, or 1 if one failed.

    Args:
        rendezvous: options of torchrun that say how the agents of several nodes meet; empty for one machine.
    """
    die_with_parent(parent)
    folder = ProcessFolder(path)
    os.environ[AGENT_PID] = str(os.getpid())
    try:
        from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
        from torch.distributed.run import parse_args, run
    except ImportError as error:
        folder.add_failure(0, 1, ImportError(f"Several processes need PyTorch: {error}"))
        return 1
    arguments = [*(rendezvous or ["--standalone", "--local-addr=127.0.0.1"]), f"--nproc-per-node={processes}"]
    try:
        chosen = parse_args([*arguments, "--module", "trainyard.scripts.worker", path])  # type: ignore[no-untyped-call]
        run(chosen)  # type: ignore[no-untyped-call]
    except ChildFailedError as error:
        for rank, failure in error.failures.items():
            folder.add_failure(rank, failure.exitcode, None)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]))
