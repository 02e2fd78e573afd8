"""Options for reading a table file whose content does not show how it is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ENCODINGS: dict[str, str] = {
    "utf-8": "utf-8",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
    "latin-1": "latin-1",
    "iso-8859-2": "iso-8859-2",
    "iso-8859-15": "iso-8859-15",
    "windows-1250": "cp1250",
    "windows-1251": "cp1251",
    "windows-1252": "cp1252",
    "windows-1253": "cp1253",
    "windows-1254": "cp1254",
    "windows-1255": "cp1255",
    "windows-1256": "cp1256",
    "windows-1257": "cp1257",
    "windows-874": "cp874",
    "koi8-r": "koi8-r",
    "mac-roman": "mac-roman",
    "cp437": "cp437",
    "cp850": "cp850",
    "cp866": "cp866",
    "gb18030": "gb18030",
    "big5": "big5hkscs",
    "shift-jis": "cp932",
    "euc-jp": "euc-jp",
    "euc-kr": "cp949",
}
"""Values of the option `encoding`, with the codec of Python that reads each. Some are supersets, as in browsers."""

MAX_HEADER_LINE = 1000
"""Largest line number of the option `header`."""


@dataclass(frozen=True)
class ReadOptions:
    """Options for reading a file.

    `encoding` is a key of ENCODINGS; None: UTF-8, or UTF-16 with a byte order mark. `header`: whether the first row has
    the column names, or the line that has them, from 1; None: inferred.
    """

    encoding: str | None = None
    header: bool | int | None = None

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> ReadOptions:
        """Return the read options among the options of a training.

        Raises:
            ValueError: an option has a value that does not exist.
        """
        encoding, header = options.get("encoding"), options.get("header")
        if encoding is not None and encoding not in ENCODINGS:
            raise ValueError(f"Unknown encoding {str(encoding)[:100]!r}. Available: {', '.join(ENCODINGS)}.")
        is_line = type(header) is int and 1 <= header <= MAX_HEADER_LINE
        if not (header is None or isinstance(header, bool) or is_line):
            raise ValueError(f"header must be true, false, or a line number from 1 to {MAX_HEADER_LINE}.")
        return cls(encoding, header)


DEFAULT = ReadOptions()
