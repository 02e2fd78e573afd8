"""The private folder of the fork server of a home: its lock, and its socket."""

from __future__ import annotations

import fcntl
import json
import os
import socket
from contextlib import suppress

from trainyard.files import Home
from trainyard.identity import own_identity

_BACKLOG = 64


class FolderInUseError(Exception):
    """Another fork server of this home accepts connections."""


class Folder:
    """``artifacts/fork-server`` of a home, locked and with a listening socket.

    Raises:
        FolderInUseError: another process has the lock.
        OSError: it cannot be opened, or others may enter it.
    """

    def __init__(self, home: Home) -> None:
        self._path = home.path / "artifacts" / "fork-server"
        # Through its descriptor: the path of the socket is then short, and refers to exactly this folder.
        self._folder = os.open(self._path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        state = os.fstat(self._folder)
        if state.st_uid != os.geteuid() or state.st_mode & 0o077:
            raise PermissionError(f"{self._path} must belong to this user and have mode 700.")
        self._lock = os.open("lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600, dir_fd=self._folder)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FolderInUseError(f"{self._path} is locked by another fork server.") from None
        # A runner that gets no answer can end exactly this process.
        os.ftruncate(self._lock, 0)
        os.write(self._lock, json.dumps(own_identity()).encode())
        with suppress(FileNotFoundError):
            os.unlink("socket", dir_fd=self._folder)
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        # No other process may connect between bind and chmod: the mode of the folder and the umask ensure this.
        self.listener.bind(f"/proc/self/fd/{self._folder}/socket")
        os.chmod("socket", 0o600, dir_fd=self._folder)
        self._socket = self._socket_id()
        self.listener.listen(_BACKLOG)
        self.listener.setblocking(False)

    def is_ours(self) -> bool:
        """Whether a process that connects to the path of the socket reaches this one."""
        return self._socket_id() == self._socket

    def close(self) -> None:
        """Accept no more connections, and free the folder for the next fork server."""
        if self.is_ours():
            with suppress(OSError):
                os.unlink("socket", dir_fd=self._folder)
        self.close_in_child()

    def close_in_child(self) -> None:
        """Close the descriptors. The socket and the lock stay those of the parent."""
        self.listener.close()
        for descriptor in (self._lock, self._folder):
            with suppress(OSError):
                os.close(descriptor)

    def _socket_id(self) -> tuple[int, int] | None:
        try:
            state = os.stat(self._path / "socket", follow_symlinks=False)
        except OSError:
            return None
        return state.st_dev, state.st_ino
