"""An append-only file of lines that never stops whoever writes it, even when the disk is full."""

from __future__ import annotations

import os


class AppendFile:
    """Appends whole records. What the disk refuses is kept (up to ``backlog`` bytes) and written with the next record.

    Keeping the refused rest, and not only whole records, means that a record the disk took half of is completed
    later, and never glued to the next one.
    """

    def __init__(self, path: str | os.PathLike[str], backlog: int = 1 << 20) -> None:
        """Nothing is opened yet. ``backlog``: bytes kept while the disk refuses; records beyond it are lost."""
        self.path = path
        self.lost = 0
        """Records dropped because the backlog was full."""
        self._backlog = backlog
        self._fd: int | None = None
        self._pending = b""

    def append(self, record: bytes) -> OSError | None:
        """Append one record (with its newline) in a single write; the error when the disk did not take all of it."""
        if self._pending and len(self._pending) + len(record) > self._backlog:
            self.lost += 1
        else:
            self._pending += record
        return self.flush()

    def flush(self) -> OSError | None:
        """Try again to write what is kept; the error when some of it is still kept, None when all of it is written."""
        try:
            if self._fd is None:
                self._fd = self._open()
            while self._pending:
                self._pending = self._pending[os.write(self._fd, self._pending) :]
        except OSError as error:
            return error
        return None

    def close(self) -> None:
        """Close the file; may be called twice."""
        self.flush()
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def _open(self) -> int:
        os.makedirs(os.path.dirname(self.path), exist_ok=True)
        fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o666)
        size = os.fstat(fd).st_size
        # An earlier writer may have been killed in the middle of a line: end it, or ours would be lost with it.
        if size > 0 and os.pread(fd, 1, size - 1) != b"\n":
            self._pending = b"\n" + self._pending
        return fd
