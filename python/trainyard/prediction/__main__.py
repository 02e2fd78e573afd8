"""Entry point of the prediction worker: ``python -m trainyard.prediction --memory-mib 2048``."""

from __future__ import annotations

import argparse
import os
import signal
import sys


def main() -> int:
    """Answer requests from standard input until it ends."""
    parser = argparse.ArgumentParser(prog="python -m trainyard.prediction", description=__doc__)
    parser.add_argument("--memory-mib", type=int, required=True, help="memory that requests may use, besides PyTorch")
    chosen = parser.parse_args()
    # Ctrl-C in the terminal of the server is for the server, which then ends this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Libraries print to standard output. Only answers may appear there.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    os.dup2(2, 1)
    from trainyard.prediction.worker import serve

    return serve(sys.stdin.buffer, answers, chosen.memory_mib)


if __name__ == "__main__":
    sys.exit(main())
