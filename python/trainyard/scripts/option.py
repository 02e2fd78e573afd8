"""An option of a script, as the command line and as JSON Schema."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

MAX_OPTIONS = 500
"""Maximum number of options that a description lists; others can be passed as arguments."""

Kind = Literal["value", "values", "repeat", "switch", "count"]
"""How a value becomes arguments: ``--x=1``, ``--x 1 2``, ``--x=1 --x=2``, ``--x`` or ``--no-x``, ``-v -v``."""


@dataclass(frozen=True)
class Option:
    """One option or positional argument of a script."""

    name: str
    """Key in ``options`` of a job: the name in the parsed arguments."""
    flags: tuple[str, ...]
    """All spellings, such as ``("-b", "--batch-size")``; empty for a positional argument."""
    schema: dict[str, Any]
    """JSON Schema of its value."""
    kind: Kind = "value"
    required: bool = False
    off_flag: str | None = None
    """For a switch: the flag that turns it off, such as ``--no-x``. ``flags`` may be empty then."""
    words: tuple[str, str] = ("true", "false")
    """Texts of true and false, for a boolean that is given as a value."""
    has_optional_value: bool = False
    """Whether the flag may stand alone (``nargs="?"``)."""

    @property
    def flag(self) -> str | None:
        """The spelling to use: the first long one, or else the first; None for a positional argument."""
        return next((flag for flag in self.flags if flag.startswith("--")), self.flags[0] if self.flags else None)

    @property
    def is_positional(self) -> bool:
        """Whether the value is given without a flag."""
        return not self.flags and self.off_flag is None


def options_schema(options: list[Option]) -> dict[str, Any]:
    """Return the JSON Schema of ``options``."""
    schema: dict[str, Any] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {option.name: option.schema for option in options},
    }
    required = [option.name for option in options if option.required]
    if required:
        schema["required"] = required
    return schema


def is_json_default(value: Any) -> bool:
    """Whether a value can be a default in JSON: text, a finite number, a boolean, or a list of these."""
    if isinstance(value, list):
        return all(is_json_default(item) and not isinstance(item, list) for item in value)
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, int):
        return abs(value) < 1 << 53
    return isinstance(value, str)


def json_type(value: Any) -> str | None:
    """Return the JSON Schema type of a value; None if it has none of the types of options."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "number"
    return "string" if isinstance(value, str) else None
