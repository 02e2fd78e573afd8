"""A connection of a runner to the fork server: lines of JSON."""

from __future__ import annotations

import json
import os
import socket
import struct
from typing import Any

_MAX_BYTES = 1 << 20
_READ_BYTES = 1 << 16


class Connection:
    """A connection, from the view of the fork server. It never blocks."""

    def __init__(self, connected: socket.socket) -> None:
        self.socket = connected
        self.socket.setblocking(False)
        self._received = b""

    def is_trusted(self) -> bool:
        """Whether the other side is a process of the same user."""
        credentials = self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        _, uid, _ = struct.unpack("3i", credentials)
        return bool(uid == os.geteuid())

    def read(self) -> tuple[list[dict[str, Any]], bool]:
        """Return the requests that have arrived, and whether the other side still waits for their answers."""
        is_open = True
        while is_open and len(self._received) <= _MAX_BYTES:
            try:
                data = self.socket.recv(_READ_BYTES)
            except BlockingIOError:
                break
            except OSError:
                data = b""
            self._received += data
            is_open = data != b""
        *lines, self._received = self._received.split(b"\n")
        try:
            requests = [json.loads(line) for line in lines]
        except (ValueError, RecursionError):
            return [], False
        is_usable = is_open and len(self._received) <= _MAX_BYTES
        return [request for request in requests if isinstance(request, dict)], is_usable

    def send(self, message: dict[str, Any]) -> bool:
        """Send a message. Returns False if the other side is gone, or does not read."""
        data = json.dumps(message).encode() + b"\n"
        try:
            return self.socket.send(data) == len(data)
        except OSError:
            return False
