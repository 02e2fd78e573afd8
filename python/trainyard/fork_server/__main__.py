"""``python -m trainyard.fork_server <home> <circumstances> <idle seconds> <room>``: see the package."""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path
from typing import NoReturn

from trainyard.fork_server.process_title import ProcessTitle
from trainyard.fork_server.quick_exit import QuickExit

ALREADY_RUNNING = 75
"""Exit code if another fork server of this home accepts connections."""


def main(arguments: list[str]) -> int:
    """Run the fork server to its end; in a forked process, run its task. Returns the exit code."""
    home_path, circumstances, idle_seconds = arguments[:3]  # the fourth is room for the command line of a job
    quick_exit = QuickExit()
    title = ProcessTitle()
    title.show(sys.orig_argv[:-1], dict(os.environ))  # without the room
    environment = dict(os.environ)
    os.umask(0o077)
    null = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
    os.dup2(null, 0)
    os.close(null)

    # After the environment is safe: libraries read it.
    from trainyard.files import Home
    from trainyard.fork_server.fingerprint import Fingerprint
    from trainyard.fork_server.folder import Folder, FolderInUseError
    from trainyard.fork_server.preload import Preloaded
    from trainyard.fork_server.server import ForkServer
    from trainyard.fork_server.supervisor import ForkedTrainer, run_supervisor, run_trainer

    home = Home(Path(home_path))
    preloaded = Preloaded()
    kept = frozenset(int(name) for name in os.listdir("/proc/self/fd") if _is_open(int(name)))
    try:
        folder = Folder(home)
    except FolderInUseError as error:
        print(error, file=sys.stderr)
        return ALREADY_RUNNING
    server = ForkServer(home, folder, title, Fingerprint(), environment, circumstances, float(idle_seconds))
    forked = server.serve()
    if forked is None:
        return 0
    try:
        code = run_supervisor(home, forked, title, kept)
    except ForkedTrainer as started:
        trainer = started.with_traceback(None)
    except BaseException:
        traceback.print_exc()
        _exit(1)
    else:
        _exit(code)
    return quick_exit.prepare(run_trainer(trainer, title, preloaded))


def _exit(code: int) -> NoReturn:
    """End a forked supervisor. It skips the orderly shutdown of libraries that it never used, which takes long."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:  # that of the list itself
        return False
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
