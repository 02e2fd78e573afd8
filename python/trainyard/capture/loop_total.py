"""The end of a loop whose counter a script logs as the step: without it, logged steps have no percentage."""

from __future__ import annotations

from types import FrameType

from trainyard.capture.collector import Collector
from trainyard.capture.loop_variables import EPOCH, EPOCHS, STEP, STEPS, loop_variable

_TRIES = 50  # calls that are looked at, before the step counts as unrelated to a variable
_CERTAIN = 2  # different steps that must agree with the variable: 0 agrees with many


class LoopTotal:
    """Finds out whether logged steps are the epochs or the steps of a loop, and how many there will be.

    A variable of a usual name, such as ``epoch``, must have the value of the logged step (or one less) at several
    steps. The total is that of the script's options, such as ``--epochs``, or of a variable, such as ``num_epochs``.
    """

    def __init__(self, collector: Collector) -> None:
        self._collector = collector
        self._tries = 0
        self._seen: dict[str, set[int]] = {"epoch": set(), "step": set()}
        self._differences: dict[str, int] = {}
        self._first_epoch: int | None = None

    def see(self, frame: FrameType | None, step: int) -> tuple[int, int | None] | None:
        """Look at the variables of the script's ``frame``.

        Returns:
            (total of the logged steps, epochs or None) from the call on at which it is known; None before.
        """
        if self._tries >= _TRIES:
            return None
        self._tries += 1
        if self._agrees("epoch", loop_variable(frame, EPOCH), step):
            epochs = self._collector.epochs or loop_variable(frame, EPOCHS)
            if epochs:
                self._tries = _TRIES
                self._first_epoch = 0 if 0 in self._seen["epoch"] else 1
                return epochs, epochs
        if self._agrees("step", loop_variable(frame, STEP), step):
            steps = self._collector.steps or loop_variable(frame, STEPS)
            if steps:
                self._tries = _TRIES
                return steps, None
        return None

    def epoch(self, step: int) -> int | None:
        """Return the epoch of a logged step, from 1; None if the steps are not epochs, or that is not known."""
        return None if self._first_epoch is None else step + 1 - self._first_epoch

    def _agrees(self, kind: str, value: int | None, step: int) -> bool:
        """Whether this variable has agreed with every logged step so far, and with enough of them."""
        seen = self._seen.get(kind)
        if seen is None or value is None:
            return False
        difference = self._differences.setdefault(kind, step - value)
        if difference not in (0, 1) or step - value != difference:
            del self._seen[kind]  # once different, never the counter
            return False
        seen.add(step)
        return len(seen) >= _CERTAIN
