"""Find the code that has called a library."""

from __future__ import annotations

from collections.abc import Container
from types import FrameType


def caller_outside(frame: FrameType | None, packages: Container[str]) -> FrameType | None:
    """Return the frame itself or its nearest caller that belongs to none of these packages; None if there is none."""
    while frame is not None and package_of(frame) in packages:
        frame = frame.f_back
    return frame


def package_of(frame: FrameType) -> str:
    """Return the name of the top-level package whose code runs in a frame; ``""`` if it is unknown."""
    name: str = frame.f_globals.get("__name__", "")
    return name.partition(".")[0]
