"""The fork server starts a job as Python does, in milliseconds, and ends when it is not needed."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from job_under_test import JobUnderTest, finish, wait_for

from trainyard.identity import is_alive

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the fork server needs Linux")

ROOM = " " * 8192
PYTHON = getattr(sys, "_base_executable", sys.executable)
"""An interpreter that usually has no PyTorch, whose import takes seconds."""
SLOW_STEPS = {"TRAINYARD_SIMULATION_STEP_SECONDS": "0.05"}


class ForkServerUnderTest:
    """A fork server for the home of a job, and a connection to it."""

    def __init__(self, job: JobUnderTest, idle_seconds: float = 60.0, **environment: str) -> None:
        self.job = job
        self._folder = job.home.path / "artifacts" / "fork-server"
        for folder in ("fork-server", "logs", "jobs", "staging", "exits"):
            (job.home.path / "artifacts" / folder).mkdir(mode=0o700, parents=True, exist_ok=True)
        command = [PYTHON, "-m", "trainyard.fork_server", str(job.home.path), "same", str(idle_seconds), ROOM]
        self.environment = {**SLOW_STEPS, **environment}
        self.process = job.start(command, TRAINYARD_FORK_SERVER_ROOM=ROOM, **self.environment)
        self.socket_path = self._folder / "socket"
        self.first_client: Client = wait_for(self._connect_if_ready, "a fork server")

    def _connect_if_ready(self) -> Client | None:
        assert self.process.poll() is None, "the fork server ended"
        try:
            return self.connect()
        except OSError:
            return None

    def connect(self) -> Client:
        return Client(str(self.socket_path))


class Client:
    def __init__(self, path: str) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(30)
        self.socket.connect(path)
        self._lines = self.socket.makefile("r", encoding="utf-8")
        self.hello = self.receive()["hello"]

    def send(self, message: object) -> None:
        self.socket.sendall(json.dumps(message).encode() + b"\n")

    def receive(self) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(self._lines.readline())
        return message

    def launch(self, job: JobUnderTest, attempt: int = 1, **environment: str) -> dict[str, Any]:
        """Request a launch and return the answer."""
        self.send({"launch": {"job_id": job.job_id, "attempt": attempt, "environment": environment}})
        return self.receive()

    def close(self) -> None:
        self._lines.close()
        self.socket.close()


@pytest.fixture
def server(job: JobUnderTest) -> Iterator[ForkServerUnderTest]:
    started = ForkServerUnderTest(job)
    started.first_client.close()
    yield started


def test_a_forked_job_runs_to_its_end_and_its_end_is_reported(server: ForkServerUnderTest, job: JobUnderTest) -> None:
    client = server.connect()
    started = client.launch(job)["started"]
    assert started["process"]["pid"] == started["pid"]
    assert client.receive() == {"ended": {"pid": started["pid"], "code": 0, "signal": None}}
    assert job.statuses() == ["STARTING", "LOADING", "RUNNING", "COMPLETED"]
    assert job.status()["supervisor"] == started["process"]
    assert (job.exit()["exit_code"], job.exit()["spawn_error"]) == (0, None)
    assert [text[:10] for _, text in job.log()] == ["Epoch 1/3:", "Epoch 2/3:", "Epoch 3/3:"]
    assert _children(server.process.pid) == []  # reaped


def test_the_processes_look_from_outside_as_if_python_had_been_started(job: JobUnderTest) -> None:
    job.spec(epochs=100_000)
    server = ForkServerUnderTest(job)
    server.first_client.close()
    with open(job.home.log(job.job_id), "ab") as log:
        cold = subprocess.Popen(
            [PYTHON, "-m", "trainyard.supervisor", str(job.home.path), job.job_id, "1"],
            env={**os.environ, **server.environment}, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip
    expected = _look_while_it_runs(job)
    cold.wait()
    answer = server.connect().launch(job)
    assert "started" in answer, answer
    seen = _look_while_it_runs(job)
    for role, parts in expected.items():
        for part, value in parts.items():
            assert seen[role][part] == value, (role, part, seen[role][part], value)


def test_each_trainer_has_random_numbers_of_its_own() -> None:
    pytest.importorskip("torch")
    done = subprocess.run([sys.executable, "-c", _RANDOM_NUMBERS], capture_output=True, text=True, check=True)
    numbers = done.stdout.split()
    assert len(numbers) == len(set(numbers)) == 8


def test_it_has_one_thread(server: ForkServerUnderTest) -> None:
    assert len(os.listdir(f"/proc/{server.process.pid}/task")) == 1


@pytest.mark.parametrize(
    ("library", "problem"),
    [
        ("import threading, time; threading.Thread(target=time.sleep, args=(60,), daemon=True).start()", "2 threads"),
        ("raise RuntimeError('broken installation')", "broken installation"),
    ],
)
def test_it_does_not_start_if_a_library_leaves_a_thread_or_is_broken(
    job: JobUnderTest, tmp_path: Path, library: str, problem: str
) -> None:
    (tmp_path / "numpy.py").write_text(library)
    (job.home.path / "artifacts" / "fork-server").mkdir(mode=0o700, parents=True)
    path = f"{tmp_path}{os.pathsep}{os.environ['PYTHONPATH']}"
    command = [PYTHON, "-m", "trainyard.fork_server", str(job.home.path), "same", "60", ROOM]
    code, errors = finish(job.start(command, TRAINYARD_FORK_SERVER_ROOM=ROOM, PYTHONPATH=path))
    assert (code, problem in errors) == (1, True)
    assert not (job.home.path / "artifacts" / "fork-server" / "socket").exists()


def test_a_script_is_started_and_not_forked(server: ForkServerUnderTest, job: JobUnderTest) -> None:
    job.trainer("import sys; print('torch' in sys.modules)")
    client = server.connect()
    client.launch(job)
    assert client.receive()["ended"]["code"] == 0
    assert ("stdout", "False") in job.log()


def test_it_refuses_and_ends_after_a_change_of_its_import_folders(job: JobUnderTest, tmp_path: Path) -> None:
    packages = tmp_path / "packages"
    packages.mkdir()
    server = ForkServerUnderTest(job, PYTHONPATH=f"{os.environ['PYTHONPATH']}{os.pathsep}{packages}")
    client = server.first_client
    (packages / "new_package.py").touch()
    client.send({"launch": {"job_id": job.job_id, "attempt": 1, "environment": {}}})
    assert client.receive() == {"retired": True}
    assert "changed" in client.receive()["refused"]["reason"]
    assert finish(server.process)[0] == 0
    assert job.status() == {}


def test_a_running_job_survives_it(server: ForkServerUnderTest, job: JobUnderTest) -> None:
    job.spec(epochs=60)
    server.connect().launch(job)
    wait_for(lambda: job.status().get("status") == "RUNNING", "a training")
    server.process.kill()
    assert wait_for(job.exit, "the end")["exit_code"] == 0
    assert job.statuses()[-1] == "COMPLETED"


def test_the_last_process_of_a_job_ends_before_it_does(server: ForkServerUnderTest, job: JobUnderTest) -> None:
    job.spec(epochs=40)
    client = server.connect()
    client.launch(job)
    client.send({"retire": True})
    assert client.receive() == {"retired": True}
    assert not server.socket_path.exists()
    assert finish(server.process)[0] == 0
    assert job.exit()["exit_code"] == 0


def test_a_launch_whose_connection_has_closed_does_not_happen(server: ForkServerUnderTest, job: JobUnderTest) -> None:
    client = server.connect()
    server.process.send_signal(signal.SIGSTOP)
    client.send({"launch": {"job_id": job.job_id, "attempt": 1, "environment": {}}})
    client.close()
    server.process.send_signal(signal.SIGCONT)
    server.connect().close()  # it has come back
    assert _children(server.process.pid) == []
    assert job.status() == {}


def test_two_launches_start_one_trainer(server: ForkServerUnderTest, job: JobUnderTest) -> None:
    client = server.connect()
    pids = [client.launch(job)["started"]["pid"]]
    request = {"launch": {"job_id": job.job_id, "attempt": 1, "environment": {}}}
    client.send(request)
    messages = [client.receive() for _ in range(3)]
    pids += [message["started"]["pid"] for message in messages if "started" in message]
    codes = {message["ended"]["pid"]: message["ended"]["code"] for message in messages if "ended" in message}
    assert sorted(codes) == sorted(pids)
    assert sorted(codes.values()) == [0, 75]
    assert len([text for _, text in job.log() if text.startswith("Epoch 1/3")]) == 1


@pytest.mark.parametrize(
    "launch",
    [
        {"job_id": "../evil", "attempt": 1, "environment": {}},
        {"job_id": "job_1_00000000", "attempt": True, "environment": {}},
        {"job_id": "job_1_00000000", "attempt": 1, "environment": {"A=B": "C"}},
        {"job_id": "job_1_00000000", "attempt": 1, "environment": {"A": "\0"}},
        {"job_id": "job_1_00000000", "attempt": 1, "environment": {"A": "B" * 20_000}},
        {"job_id": "job_1_00000000"},
    ],
)
def test_it_refuses_an_unusable_launch(server: ForkServerUnderTest, launch: dict[str, Any]) -> None:
    client = server.connect()
    client.send({"launch": launch})
    assert "refused" in client.receive()


def test_it_survives_invalid_messages(server: ForkServerUnderTest, job: JobUnderTest) -> None:
    for nonsense in (b"nonsense\n", b"[]\n", b"\n", b"\xff\n", b"[" * 100_000 + b"\n", b"{" * 2_000_000):
        client = server.connect()
        with suppress(OSError):
            client.socket.sendall(nonsense)
        client.close()
    assert "started" in server.connect().launch(job)


def test_it_ends_without_a_connection_and_without_a_job(job: JobUnderTest) -> None:
    # Its first client stays, and the time is long enough to start and to connect on a busy machine.
    server = ForkServerUnderTest(job, idle_seconds=2)
    time.sleep(2.5)
    assert server.process.poll() is None
    server.first_client.close()
    assert finish(server.process)[0] == 0
    assert not server.socket_path.exists()


def test_it_ends_if_its_home_is_removed(server: ForkServerUnderTest) -> None:
    server.socket_path.unlink()
    assert finish(server.process)[0] == 0


def test_a_second_one_of_the_same_home_does_nothing(server: ForkServerUnderTest, job: JobUnderTest) -> None:
    command = [PYTHON, "-m", "trainyard.fork_server", str(job.home.path), "same", "60", ROOM]
    assert finish(job.start(command, TRAINYARD_FORK_SERVER_ROOM=ROOM))[0] == 75
    assert "started" in server.connect().launch(job)


def test_others_cannot_reach_it(server: ForkServerUnderTest) -> None:
    assert server.socket_path.stat().st_mode & 0o777 == 0o600
    server.socket_path.parent.chmod(0o755)
    server.process.kill()
    finish(server.process)
    command = [PYTHON, "-m", "trainyard.fork_server", str(server.job.home.path), "same", "60", ROOM]
    code, errors = finish(server.job.start(command, TRAINYARD_FORK_SERVER_ROOM=ROOM))
    assert (code, "must belong to this user" in errors) == (1, True)


def _look_while_it_runs(job: JobUnderTest) -> dict[str, dict[str, object]]:
    """Return what can be seen of the processes of a job, kill them, and forget the job."""
    status = wait_for(lambda: (found := job.status()).get("status") == "RUNNING" and found, "a training")
    # Each opens its files when it has something to write.
    wait_for(lambda: job.home.metrics(job.job_id).exists() and job.metrics() and job.log(), "a step and a line")
    processes = {role: status[role] for role in ("supervisor", "process")}
    seen = {role: _look(identity["pid"]) for role, identity in processes.items()}
    for identity in processes.values():
        os.killpg(identity["pid"], signal.SIGKILL)
    wait_for(lambda: not any(map(is_alive, processes.values())), "their death")
    # A killed process is a zombie before its other threads have ended, and these still hold the lock of the job.
    wait_for(lambda: _is_unlocked(job), "the lock of the job")
    for path in (job.home.status(job.job_id), job.home.metrics(job.job_id), job.home.log(job.job_id)):
        path.unlink()
    return seen


def _is_unlocked(job: JobUnderTest) -> bool:
    """Whether a supervisor of the job would get its lock."""
    with open(job.home.spec(job.job_id), "rb+") as spec:
        try:
            fcntl.flock(spec, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def _look(pid: int) -> dict[str, object]:
    """The properties of a process in `/proc`, without those that differ from process to process."""
    folder = Path(f"/proc/{pid}")
    kept = ("Umask", "Uid", "Gid", "Groups", "SigBlk", "SigIgn", "SigCgt", "CapEff", "NoNewPrivs", "Seccomp")
    fields = (folder / "stat").read_text().rpartition(")")[2].split()
    links = [os.readlink(path) for path in (folder / "fd").iterdir()]
    return {
        "words": [word for word in (folder / "cmdline").read_bytes().split(b"\0") if word],
        "environment": sorted(word for word in (folder / "environ").read_bytes().split(b"\0") if word),
        "name": (folder / "comm").read_text(),
        "folder": os.readlink(folder / "cwd"),
        "limits": (folder / "limits").read_text(),
        "status": [line for line in (folder / "status").read_text().splitlines() if line.startswith(kept)],
        "leads its group and session": fields[2] == fields[3] == str(pid),
        "descriptors": sorted(link.split(":")[0] for link in links),
    }


def _children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


_RANDOM_NUMBERS = """
import os, random
from trainyard.fork_server.preload import Preloaded

preloaded = Preloaded()
import numpy, torch
for _ in range(2):
    if os.fork() == 0:
        preloaded.finish()
        numbers = random.random(), numpy.random.rand(), float(torch.rand(1)), numpy.random.default_rng().random()
        print(*numbers, flush=True)
        os._exit(0)
    os.wait()
"""
