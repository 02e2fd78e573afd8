"""The loop of the fork server: accepts connections, forks supervisors and reaps them. One thread."""

from __future__ import annotations

import os
import selectors
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from trainyard.files import Home
from trainyard.fork_server.connection import Connection
from trainyard.fork_server.fingerprint import Fingerprint
from trainyard.fork_server.folder import Folder
from trainyard.fork_server.launch import InvalidLaunchError, Launch
from trainyard.fork_server.process_title import ProcessTitle
from trainyard.identity import identity_of, own_identity

VERSION = 1
"""Version of the messages."""

FORK_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)
"""Blocked during a fork, until the forked process has its own handlers."""

_SECONDS_BETWEEN_LOOKS = 2.0  # whether the socket still exists, while no runner is connected


@dataclass(frozen=True)
class ForkedSupervisor:
    """The task of a forked process. Its signals are blocked."""

    launch: Launch
    arguments: list[str]
    environment: dict[str, str]
    log: int
    """Descriptor of the log of the job."""


class ForkServer:
    """Answers requests until a server asks it to end, or no server and no job needs it.

    Args:
        circumstances: an opaque text of the runner that started it. Another runner compares it with its own.
        idle_seconds: time without a runner and without a process after which it ends.
    """

    def __init__(
        self,
        home: Home,
        folder: Folder,
        title: ProcessTitle,
        fingerprint: Fingerprint,
        environment: Mapping[str, str],
        circumstances: str,
        idle_seconds: float,
    ) -> None:
        self._home, self._folder, self._title, self._fingerprint = home, folder, title, fingerprint
        self._environment, self._circumstances, self._idle_seconds = dict(environment), circumstances, idle_seconds
        self._identity = own_identity()
        self._python = sys.orig_argv[: sys.orig_argv.index("trainyard.fork_server")]
        self._selector = selectors.DefaultSelector()
        self._connections: set[Connection] = set()
        self._children: dict[int, Connection] = {}
        self._is_open = True
        self._idle_since = time.monotonic()
        self._wake_fd, self._write_fd = os.pipe()
        for descriptor in (self._wake_fd, self._write_fd):
            os.set_blocking(descriptor, False)
        signal.set_wakeup_fd(self._write_fd, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # without a handler, nothing is written
        for number in (signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        self._selector.register(self._wake_fd, selectors.EVENT_READ)
        self._selector.register(folder.listener, selectors.EVENT_READ)

    def serve(self) -> ForkedSupervisor | None:
        """Serve to the end. Returns None then; in a forked process, returns its task at once."""
        while not self._is_over():
            for key, _ in self._selector.select(self._patience()):
                if key.fileobj == self._wake_fd:
                    os.read(self._wake_fd, 4096)
                    self._reap()
                elif isinstance(key.data, Connection):
                    forked = self._read(key.data)
                    if forked is not None:
                        return forked
                else:
                    self._accept()
        self._close()
        return None

    def _is_over(self) -> bool:
        if self._connections or self._children:
            self._idle_since = time.monotonic()
        if self._is_open and not self._connections and not self._folder.is_ours():
            self._close()
        if self._children:
            return False
        return not self._is_open or time.monotonic() - self._idle_since >= self._idle_seconds

    def _patience(self) -> float | None:
        """Return the seconds until its next timed action; None if it waits for events only."""
        if not self._is_open or self._connections:
            return None
        if self._children:
            return _SECONDS_BETWEEN_LOOKS
        left = self._idle_since + self._idle_seconds - time.monotonic()
        return max(0.0, min(_SECONDS_BETWEEN_LOOKS, left))

    def _accept(self) -> None:
        if not self._is_open:
            return
        try:
            connected, _ = self._folder.listener.accept()
        except OSError:
            return
        connection = Connection(connected)
        hello = {"version": VERSION, "circumstances": self._circumstances, "process": self._identity}
        if not connection.is_trusted() or not connection.send({"hello": hello}):
            connected.close()
            return
        self._connections.add(connection)
        self._selector.register(connected, selectors.EVENT_READ, connection)

    def _drop(self, connection: Connection) -> None:
        if connection in self._connections:
            self._connections.remove(connection)
            self._selector.unregister(connection.socket)
            connection.socket.close()

    def _read(self, connection: Connection) -> ForkedSupervisor | None:
        if connection not in self._connections:
            return None
        requests, is_usable = connection.read()
        # A runner that has disconnected starts the job in another way.
        if not is_usable:
            self._drop(connection)
            return None
        if not requests:
            return None
        has_changed = self._fingerprint.has_changed()
        for request in requests:
            if request.get("retire") is True or has_changed:
                self._close()
            if isinstance(request.get("launch"), dict):
                forked = self._launch(connection, request["launch"])
                if forked is not None:
                    return forked
        return None

    def _launch(self, connection: Connection, request: Mapping[str, Any]) -> ForkedSupervisor | None:
        if not self._is_open:
            self._refuse(connection, request, "code or packages have changed since the fork server started")
            return None
        try:
            launch = Launch.read(request)
        except InvalidLaunchError as error:
            self._refuse(connection, request, f"the launch has an invalid {error}")
            return None
        command = ["trainyard.supervisor", str(self._home.path), launch.job_id, str(launch.attempt)]
        arguments = [*self._python, *command]
        environment = {**self._environment, **launch.environment}
        if not self._title.fits(arguments, environment):
            self._refuse(connection, request, "the environment is too large")
            return None
        try:
            log = launch.open_log(self._home)
        except OSError as error:
            self._refuse(connection, request, f"cannot open the log of the job: {error}")
            return None
        signal.pthread_sigmask(signal.SIG_BLOCK, FORK_SIGNALS)
        try:
            pid = os.fork()
        except OSError as error:
            os.close(log)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, FORK_SIGNALS)
            self._refuse(connection, request, f"cannot fork: {error}")
            return None
        if pid == 0:
            self._close_in_child()
            return ForkedSupervisor(launch, arguments, environment, log)
        os.close(log)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, FORK_SIGNALS)
        self._children[pid] = connection
        process = identity_of(pid)
        started = {"job_id": launch.job_id, "attempt": launch.attempt, "pid": pid, "process": process}
        if not connection.send({"started": started}):
            self._drop(connection)
        return None

    def _refuse(self, connection: Connection, request: Mapping[str, Any], reason: str) -> None:
        answer = {"job_id": request.get("job_id"), "attempt": request.get("attempt"), "reason": reason}
        if not connection.send({"refused": answer}):
            self._drop(connection)

    def _reap(self) -> None:
        while self._children:
            pid, wait_status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            connection = self._children.pop(pid, None)
            if connection not in self._connections or connection is None:
                continue
            code = os.waitstatus_to_exitcode(wait_status)
            how = {"code": code, "signal": None} if code >= 0 else {"code": None, "signal": _signal_name(-code)}
            if not connection.send({"ended": {"pid": pid, **how}}):
                self._drop(connection)

    def _close(self) -> None:
        """Accept no more connections and launches. The process remains until its children have ended."""
        if self._is_open:
            self._is_open = False
            self._selector.unregister(self._folder.listener)
            self._folder.close()
            for connection in list(self._connections):
                if not connection.send({"retired": True}):
                    self._drop(connection)

    def _close_in_child(self) -> None:
        """Close everything that belongs to the fork server."""
        signal.set_wakeup_fd(-1)
        self._selector.close()
        self._folder.close_in_child()
        for connection in self._connections:
            connection.socket.close()
        for descriptor in (self._wake_fd, self._write_fd):
            os.close(descriptor)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # a real-time signal
        return f"SIG{number}"
