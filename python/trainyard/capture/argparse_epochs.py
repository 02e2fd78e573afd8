"""The number of epochs from the options of a script: ``--epochs 10``."""

from __future__ import annotations

import argparse
from functools import wraps
from typing import Any

from trainyard.capture.collector import Collector
from trainyard.capture.guard import Guard
from trainyard.capture.loop_variables import EPOCHS


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
    for name in EPOCHS:
        value = getattr(result[0], name, None)
        if collector.active and type(value) is int and value >= 1:
            collector.hint_epochs(value)
            return
