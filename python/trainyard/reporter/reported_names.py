"""The reported metrics of a job and their source: metrics that a script reports itself are not captured again."""

from __future__ import annotations

from collections.abc import Iterable


class ReportedNames:
    """Names of the metrics that were reported, and whether the script itself has reported a step."""

    def __init__(self) -> None:
        self.captured: set[str] = set()
        """Reported for the script, for example by a hook of a library."""
        self.explicit: set[str] = set()
        """Reported by the script itself, or by a guest."""
        self.explicit_steps = False
        """Whether the script or a guest has reported a step itself."""

    def of(self, is_explicit: bool) -> set[str]:
        """Return one of the two sets. It grows, and is never replaced."""
        return self.explicit if is_explicit else self.captured

    def note(self, is_explicit: bool, names: Iterable[str], has_step: bool = True) -> None:
        """Record which metrics were reported.

        Args:
            is_explicit: whether the script itself did so.
            has_step: whether a step was reported with them.
        """
        self.of(is_explicit).update(names)
        self.explicit_steps = self.explicit_steps or (is_explicit and has_step)
