"""The number of epochs or steps from the options of a script: ``--epochs 10``."""

from __future__ import annotations

import argparse
from functools import wraps
from typing import Any

from trainyard.capture.collector import Collector
from trainyard.capture.guard import Guard
from trainyard.capture.loop_variables import EPOCHS, STEPS


def watch_options(collector: Collector, guard: Guard) -> None:
    """Look at what ``ArgumentParser`` returns from now on, defaults included."""
    original = argparse.ArgumentParser.parse_known_args

    @wraps(original)
    def parse_known_args(*args: Any, **kwargs: Any) -> Any:
        result = original(*args, **kwargs)
        guard.call(_see, collector, result)
        return result

    argparse.ArgumentParser.parse_known_args = parse_known_args  # type: ignore[method-assign]


def _see(collector: Collector, result: Any) -> None:
    for names, hint in ((EPOCHS, collector.hint_epochs), (STEPS, collector.hint_steps)):
        counts = [getattr(result[0], name, None) for name in names]
        count = next((count for count in counts if type(count) is int and count >= 1), None)
        if collector.active and count is not None:
            hint(count)
