"""Deliver a stop request to the part that handles it: the script, the main thread, or a guest."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from contextlib import suppress

from trainyard.reporter.reporting_role import Place
from trainyard.signals.stop_signal import StopSignal


class StopDelivery:
    """The ways in which the script handles stop requests.

    Args:
        on_request: called by the signal handler. Must not take a lock.
        may_interrupt: whether a stop request raises ``KeyboardInterrupt`` in the main thread if nothing handles it.
    """

    def __init__(self, on_request: Callable[[], None], place: Place, may_interrupt: bool) -> None:
        self.signal = StopSignal(on_request)
        self.save: Callable[[], object] | None = None
        """The function of ``on_stop``."""
        self.handles_stop = False
        """Whether the script checks for a stop request."""
        self.is_delivered = False
        """Whether the script has got the stop request: it must not be interrupted any more."""
        self.may_interrupt = may_interrupt
        self._place = place
        self._signalled_guest: int | None = None

    @property
    def requested(self) -> bool:
        """Whether a stop was requested."""
        return self.signal.requested

    def pass_on(self, guest: int | None) -> bool:
        """Signal the guest, or else interrupt the main thread. Returns False while a guest reports: call it again.

        Args:
            guest: pid of the guest that reports; None if there is none.
        """
        if not self.requested or self._place is Place.SOLE:
            return True
        if self._place is Place.OWNER and guest is not None:
            if guest != self._signalled_guest:
                self._signalled_guest = guest
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(guest, signal.SIGTERM)
            return False
        handled = self.handles_stop or self.save is not None
        if self.may_interrupt and not handled and not self.is_delivered:
            self.is_delivered = True
            self.signal.interrupt_main()
        return True

    def end(self) -> None:
        """Interrupt the main thread no more: an interrupt must not prevent the last status."""
        self.may_interrupt = False
        self.signal.cancel_interrupt()
