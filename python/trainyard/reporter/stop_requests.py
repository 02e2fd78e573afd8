"""Notify a training script of a stop request, and end it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from trainyard.reporter.active_report import ActiveReport
from trainyard.reporter.shared_reporter import note_stop_handling

_Save = TypeVar("_Save", bound=Callable[[], object])


class StopTraining(BaseException):
    """Raised by ``Reporter.step()`` after a stop request, when the checkpoint is saved; ends the ``with`` block.

    Not a subclass of ``Exception``, so that ``except Exception`` in a training loop does not catch it.
    """


class StopRequests:
    """The part of a ``Reporter`` that is about stop requests."""

    _save: Callable[[], object] | None = None  # of `on_stop` before the block

    def _active(self) -> ActiveReport | None:
        raise NotImplementedError

    @property
    def should_stop(self) -> bool:
        """Whether a stop was requested. Check it at every step, save and leave the block; or use ``on_stop``."""
        active = self._active()
        if active is None:
            note_stop_handling()
            return False
        active.stop.handles_stop = True
        active.stop.is_delivered = active.stop.is_delivered or active.stop.requested
        return active.stop.requested

    @property
    def stop_requested(self) -> bool:
        """Whether a stop was requested, for launchers: in contrast to ``should_stop``, it does not handle the stop."""
        active = self._active()
        return active is not None and active.stop.requested

    @property
    def stop_arrived(self) -> bool:
        """Whether a stop signal arrived, for launchers: also if the script has replaced the handler."""
        active = self._active()
        return active is not None and active.stop.signal.arrived

    def on_stop(self, save: _Save) -> _Save:
        """Register a function for stop requests. The next ``step()`` calls it and then raises ``StopTraining``.

        Returns ``save``, so that it can be used as a decorator.
        """
        active = self._active()
        if active is None:
            note_stop_handling()
            self._save = save
        else:
            active.stop.save = save
        return save

    def handles_stop(self) -> None:
        """Declare that the script handles stop requests itself, for example because a library checks for them.

        ``should_stop`` and ``on_stop`` imply it. It only matters with ``interrupt_on_stop``.
        """
        active = self._active()
        if active is not None:
            active.stop.handles_stop = True
