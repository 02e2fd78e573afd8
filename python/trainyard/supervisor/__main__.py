"""Runs the supervisor: ``python -m trainyard.supervisor <home> <job> <attempt>``."""

import sys

from trainyard.supervisor.supervise import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
