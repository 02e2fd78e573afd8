"""Measure CPU, memory and GPUs of a job while it reports. Implements "System metrics" of ``src/runner/PROTOCOL.md``."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

from trainyard.usage.process_usage import MemoryMeter, Usage, usage_of_job

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trainyard.usage.gpu_usage import Gpus

SECONDS_VARIABLE = "TRAINYARD_SYSTEM_METRICS_SECONDS"
DEFAULT_SECONDS = 10.0

_LEAST_SECONDS = 0.05
_MOST_SECONDS = 3_600.0
_JOIN_SECONDS = 1.0  # a measurement in progress never delays the end of a job for longer


def seconds_between(environ: Mapping[str, str] = os.environ) -> float:
    """Return the time between two measurements from ``TRAINYARD_SYSTEM_METRICS_SECONDS``; 0: no system metrics."""
    text = environ.get(SECONDS_VARIABLE, "")
    if not text:
        return DEFAULT_SECONDS
    with suppress(ValueError):
        seconds = float(text)
        if seconds == 0 or _LEAST_SECONDS <= seconds <= _MOST_SECONDS:
            return seconds
    _warn(
        f"{SECONDS_VARIABLE} is {text[:40]!r}, but must be 0 (off) or from {_LEAST_SECONDS} to {_MOST_SECONDS:.0f} "
        f"seconds: using {DEFAULT_SECONDS:.0f}"
    )
    return DEFAULT_SECONDS


class SystemMetrics:
    """A thread that measures the processes of a job until ``end``.

    Args:
        seconds: time between two measurements.
        supervisor: pid of the supervisor of the job; None if there is none.
        report: receives the values by metric name, and what they were made from; called in the thread.
    """

    def __init__(
        self, seconds: float, supervisor: int | None, report: Callable[[dict[str, float], Usage], None]
    ) -> None:
        self._seconds = seconds
        self._supervisor = supervisor
        self._report = report
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name="trainyard-system", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """End the thread. A measurement in progress is not waited for beyond 1 s."""
        self._end.set()
        self._thread.join(_JOIN_SECONDS)

    def _run(self) -> None:
        try:
            self._measure_until_end()
        except Exception as error:  # must not disturb the training
            _warn(f"system metrics are not measured any more ({type(error).__name__}: {error}); training continues")

    def _measure_until_end(self) -> None:
        memory = MemoryMeter()
        before, since = usage_of_job(self._supervisor, memory), time.monotonic()
        if before is None or self._end.wait(self._seconds):
            return
        gpus = _open_gpus()
        try:
            while True:
                usage, now = usage_of_job(self._supervisor, memory), time.monotonic()
                if usage is not None:
                    percent = 100 * (usage.cpu_seconds - before.cpu_seconds) / (now - since)
                    # A process can end between the reads of its own time and of its parent's, which has it afterwards.
                    percent = min(max(percent, 0.0), 100.0 * (os.cpu_count() or 1))
                    before, since = usage, now
                    values = {"system/cpu_percent": percent, "system/memory_bytes": float(usage.memory_bytes)}
                    if gpus is not None:
                        values.update(gpus.metrics(usage.pids))
                    self._report(values, usage)
                if self._end.wait(self._seconds):
                    return
        finally:
            if gpus is not None:
                gpus.close()


def _open_gpus() -> Gpus | None:
    """Load NVML, in the thread and only for trainings that live long enough: it takes some 10 ms."""
    try:
        from trainyard.usage.gpu_usage import Gpus
    except ImportError:  # a Python without ctypes
        return None
    return Gpus()


def _warn(text: str) -> None:
    with suppress(OSError):  # a broken standard error must not end the training
        print(f"trainyard: {text}.", file=sys.stderr)
