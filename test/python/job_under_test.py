"""A job for tests: writes and reads its files, and starts and kills its processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from trainyard.files import Home
from trainyard.identity import is_alive

TIMEOUT = 30.0  # seconds until a condition that is never true fails its test

_OWNER = Path(__file__).with_name("owner.py")

_SUPERVISE = """
import sys
from trainyard.files import Home
from trainyard.supervisor.supervise import supervise
sys.exit(supervise(Home(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4:]))
"""


class JobUnderTest:
    def __init__(self, path: Path) -> None:
        self.home = Home(path)
        self.job_id = "job_1760320883609_3f7c2d2a"
        self._started: list[subprocess.Popen[str]] = []
        self.home.datasets.mkdir(parents=True)
        self.dataset("sample.csv", "x,y\n" + "".join(f"{n},{2 * n}\n" for n in range(8)))
        self.spec()

    def dataset(self, name: str, text: str) -> Path:
        path = self.home.datasets / name
        path.write_text(text)
        return path

    def spec(self, **changes: Any) -> None:
        """Write the spec file: a short simulation, with `changes`."""
        spec = {
            "version": 1, "job_id": self.job_id, "name": None, "trainer": "tabular", "backend": "SIMULATION",
            "dataset": "sample.csv", "epochs": 3, "batch_size": 4, "learning_rate": 0.01, "seed": 0, "options": {},
            "created_at": 1760320883.609, **changes,
        }  # fmt: skip
        path = self.home.spec(self.job_id)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(spec))

    def trainer(self, source: str, name: str = "train.py", **changes: Any) -> Path:
        """Write a script of the user, and a spec that runs it with its own defaults, with `changes`."""
        path = self.home.path / "trainers" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(source))
        none = dict.fromkeys(("dataset", "epochs", "batch_size", "learning_rate", "seed"))
        self.spec(**{"trainer": name.removesuffix("/__main__.py").removesuffix(".py"), **none, **changes})
        return path

    def write_status(self, **fields: Any) -> None:
        path = self.home.status(self.job_id)
        path.parent.mkdir(parents=True, exist_ok=True)
        staged = path.with_suffix(".staged")
        staged.write_text(json.dumps({"version": 1, "job_id": self.job_id, "attempt": 1, **fields}))
        staged.replace(path)

    def queue(self, attempt: int, epochs: int | None = None, checkpoint: str | None = None) -> None:
        """Write the status of a new attempt, as the runner does.

        Args:
            epochs: the total.
            checkpoint: the one that the runner has found. Default: the reported one.
        """
        before = self.status()
        checkpoint = checkpoint or before.get("checkpoint")
        at = time.time()
        self.write_status(
            attempt=attempt, sequence=before.get("sequence", 0) + 1, status="QUEUED", epochs=epochs,
            checkpoint=checkpoint, transitions=[{"status": "QUEUED", "at": at}], created_at=at,
        )  # fmt: skip

    # -- processes

    def script(self, source: str, **environment: str) -> subprocess.Popen[str]:
        """Run a script without a supervisor. The script has a reporter in the variable `report`."""
        lines = "import os, signal, sys, time\nfrom trainyard import Reporter\nreport = Reporter.from_environment()\n"
        return self.start(
            [sys.executable, "-c", lines + textwrap.dedent(source)],
            TRAINYARD_HOME=str(self.home.path), TRAINYARD_JOB_ID=self.job_id, **environment,
        )  # fmt: skip

    def owned_script(self, source: str, **environment: str) -> subprocess.Popen[str]:
        """Run a script inside a shared reporter, without a supervisor: see owner.py."""
        script = self.home.path / "script.py"
        script.write_text("import os, signal, sys, time\nfrom trainyard import Reporter\n" + textwrap.dedent(source))
        return self.start(
            [sys.executable, str(_OWNER), str(self.home.path), self.job_id, str(script)],
            TRAINYARD_HOME=str(self.home.path), TRAINYARD_JOB_ID=self.job_id, **environment,
        )  # fmt: skip

    def supervise_script(self, source: str, before: str = "", **environment: str) -> subprocess.Popen[str]:
        """Run a script as the trainer of a supervisor; `before` runs in the supervisor itself."""
        lines = "import os, signal, sys, time\n" + textwrap.dedent(source)
        return self.supervise_command([sys.executable, "-c", lines], before, **environment)

    def supervise_command(self, command: list[str], before: str = "", **environment: str) -> subprocess.Popen[str]:
        supervisor = textwrap.dedent(before) + _SUPERVISE
        return self.start(
            [sys.executable, "-c", supervisor, str(self.home.path), self.job_id, "1", *command], **environment
        )

    def supervise(self, attempt: int = 1, **environment: str) -> subprocess.Popen[str]:
        """Start the supervisor as the runner does."""
        environment = {"TRAINYARD_SIMULATION_STEP_SECONDS": "0", **environment}
        arguments = [str(self.home.path), self.job_id, str(attempt)]
        return self.start([sys.executable, "-m", "trainyard.supervisor", *arguments], **environment)

    def start(self, command: list[str], **environment: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            command,
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._started.append(process)
        return process

    def end_processes(self) -> None:
        """Kill the remaining processes of the test, and the trainers of its supervisors."""
        trainer = self.status().get("process")
        if trainer and is_alive(trainer) and trainer["pid"] != os.getpid():  # some tests report from this process
            os.killpg(trainer["pid"], signal.SIGKILL)
        for process in self._started:
            if process.poll() is None:
                # A trainer that has not reported yet is only known as a child of its supervisor.
                trainers = _children_of(process.pid)
                os.killpg(process.pid, signal.SIGKILL)
                for pid in trainers:
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
            process.communicate()

    # -- files

    def status(self) -> dict[str, Any]:
        return self._read(self.home.status(self.job_id))

    def exit(self) -> dict[str, Any]:
        return self._read(self.home.exit(self.job_id))

    def statuses(self) -> list[str]:
        return [transition["status"] for transition in self.status()["transitions"]]

    def metrics(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.home.metrics(self.job_id).read_text().splitlines()]

    def history(self) -> dict[tuple[int, str], float]:
        """Every value by (step, name). Values of later attempts replace those of earlier ones."""
        kept: list[dict[str, Any]] = []
        attempt = 0
        for line in self.metrics():
            if line["attempt"] > attempt:
                attempt = line["attempt"]
                kept = [earlier for earlier in kept if earlier["step"] < line["step"]]
            kept.append(line)
        return {(line["step"], name): value for line in kept for name, value in line["values"].items()}

    def log(self) -> list[tuple[str, str]]:
        """(stream, text) of every log record."""
        try:
            records = self.home.log(self.job_id).read_text().splitlines()
        except FileNotFoundError:
            return []
        return [(stream, text) for _, stream, _, text in (record.split(" ", 3) for record in records)]

    def _read(self, path: Path) -> dict[str, Any]:
        try:
            value: dict[str, Any] = json.loads(path.read_text())
        except FileNotFoundError:
            return {}
        return value


def wait_for(condition: Callable[[], Any], what: str, seconds: float = TIMEOUT) -> Any:
    """Return the first truthy value of `condition`; fail after the timeout."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not true within {seconds:.0f} s: {what}")
        time.sleep(0.005)
    return value


def finish(process: subprocess.Popen[str], seconds: float = TIMEOUT) -> tuple[int, str]:
    """Wait for the end of a process. Returns exit code and standard error."""
    _, errors = process.communicate(timeout=seconds)
    return process.returncode, errors


def _children_of(pid: int) -> list[int]:
    if not os.path.exists("/proc/self/stat"):
        return []
    parents = (path for path in Path("/proc").iterdir() if path.name.isdecimal())
    return [int(path.name) for path in parents if _parent_of(path) == pid]


def _parent_of(process: Path) -> int | None:
    try:
        line = (process / "stat").read_bytes()
    except OSError:
        return None  # the process ended in the meantime
    return int(line[line.rindex(b")") + 2 :].split(None, 2)[1])
