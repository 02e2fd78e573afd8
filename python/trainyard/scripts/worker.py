"""One of several processes of a script: ``python -m trainyard.scripts.worker FOLDER``, started by torchrun."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

from trainyard.files import Home
from trainyard.logs.output import survive_supervisor
from trainyard.reporter.reporter import Reporter, StopTraining
from trainyard.reporter.shared_reporter import stop_is_handled
from trainyard.scripts.parent_death import die_with_parent
from trainyard.scripts.process_folder import ProcessFolder
from trainyard.scripts.program import ScriptExitError, describe_exit, exit_code, run_program
from trainyard.scripts.program_end import end_process, run_exit_functions
from trainyard.scripts.run import captured, in_script, print_error
from trainyard.scripts.torch_agent import AGENT_PID
from trainyard.signals.prompt_signals import PromptSignals


class _Stop:
    """The stop request of a process that does not report."""

    def __init__(self) -> None:
        self.requested = False
        signal.signal(signal.SIGTERM, self._handle)
        signal.signal(signal.SIGINT, self._handle)
        PromptSignals().install()

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        was_requested, self.requested = self.requested, True
        # If the script checks for a stop itself, rank 0 tells the other ranks when to end.
        if not was_requested and not stop_is_handled():
            raise KeyboardInterrupt("stop requested")


def main(path: str) -> int:
    """Run the script. Returns the exit code: after a stop request 0, also if the other processes ended first."""
    folder = ProcessFolder(path)
    die_with_parent(int(os.environ[AGENT_PID]))
    rank = int(os.environ["RANK"])
    stop = _Stop()
    folder.add_process(rank)
    survive_supervisor(Home(os.environ["TRAINYARD_HOME"]), os.environ["TRAINYARD_JOB_ID"], prefix=f"[rank {rank}] ")
    script, arguments = folder.program()
    report = Reporter.from_environment()
    code = 0
    try:
        with report:
            try:
                with captured(report):
                    run_program(script, arguments)
            except StopTraining:
                raise
            except BaseException as error:
                code = _failed(error, rank, folder, is_stopped=report.stop_requested or stop.requested)
            finally:
                run_exit_functions()
    except KeyboardInterrupt:  # in the last moment
        pass
    # A stop request while Python exits would kill it: torchrun on the other nodes then waits for this one.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    return code


def _failed(error: BaseException, rank: int, folder: ProcessFolder, is_stopped: bool) -> int:
    """Print and record how the script failed. Returns the exit code."""
    error.__traceback__ = in_script(error.__traceback__)
    code = 1
    if isinstance(error, SystemExit):
        code = exit_code(error.code)
        if code and not isinstance(error.code, int):
            print(error.code, file=sys.stderr)
    elif not (is_stopped and isinstance(error, KeyboardInterrupt)):
        print_error(error)
    if is_stopped or code == 0:
        return 0
    if isinstance(error, SystemExit):
        error = ScriptExitError(describe_exit(error), code)
    folder.add_failure(rank, code, error)
    return code


if __name__ == "__main__":
    end_process(main(sys.argv[1]))
