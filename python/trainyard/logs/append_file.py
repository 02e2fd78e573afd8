"""An append-only file that never raises to its writer, even if the disk is full."""

from __future__ import annotations

import os

_FLUSH_BYTES = 64 * 1024  # of buffered records that are written without waiting for `flush`


class AppendFile:
    """Appends complete records. Data that cannot be written is buffered and written with the next record.

    The buffer contains the unwritten rest of a record, so that a partly written record is completed later.

    Args:
        path: the file. It is opened on the first write.
        backlog: size of the buffer in bytes. Records that do not fit are dropped. Default: 1 MiB.
    """

    def __init__(self, path: str | os.PathLike[str], backlog: int = 1 << 20) -> None:
        self.path = path
        self.lost = 0
        """Number of records dropped because the buffer was full."""
        self.size = 0
        """Size of the file after the last write, in bytes."""
        self._backlog = backlog
        self._fd: int | None = None
        self._pending = b""

    def append(self, record: bytes) -> OSError | None:
        """Append a record (with its newline) in a single write. Returns the error if not everything was written."""
        self._buffer(record)
        return self.flush()

    def add(self, record: bytes) -> OSError | None:
        """Buffer a record (with its newline) for the next ``flush``, or write it if the buffer is large.

        Returns:
            the error if a write failed.
        """
        error = None
        if len(self._pending) + len(record) > _FLUSH_BYTES:
            error = self.flush()
        self._buffer(record)
        return error

    def discard(self) -> None:
        """Drop the buffered data."""
        self._pending = b""

    @property
    def planned_size(self) -> int:
        """Size of the file after the next ``flush``, in bytes."""
        return self.size + len(self._pending)

    def flush(self) -> OSError | None:
        """Write the buffered data. Returns the error if some of it remains, None if everything was written."""
        if not self._pending:
            return None
        try:
            if self._fd is None:
                self._fd = self._open()
            while self._pending:
                written = os.write(self._fd, self._pending)
                self.size += written
                self._pending = self._pending[written:]
        except OSError as error:
            return error
        return None

    def close(self) -> None:
        """Flush and close the file. Can be called more than once."""
        self.flush()
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def open(self) -> OSError | None:
        """Open the file now, so that ``size`` is known. Returns the error if that fails."""
        try:
            if self._fd is None:
                self._fd = self._open()
        except OSError as error:
            return error
        return None

    def _buffer(self, record: bytes) -> None:
        if self._pending and len(self._pending) + len(record) > self._backlog:
            self.lost += 1
        else:
            self._pending += record

    def _open(self) -> int:
        os.makedirs(os.path.dirname(self.path), exist_ok=True)
        fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self.size = size = os.fstat(fd).st_size
        # An earlier writer may have been killed within a line: end that line, so that it does not spoil ours.
        if size > 0 and os.pread(fd, 1, size - 1) != b"\n":
            self._pending = b"\n" + self._pending
        return fd
