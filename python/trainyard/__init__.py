"""Trainyard: start, stop and monitor training jobs.

Most scripts need only :class:`Reporter`::

    from trainyard import Reporter

    with Reporter.from_environment() as report:
        report.begin(total_steps=1000, epochs=10, device="cpu")
        for step in range(1, 1001):
            ...
            report.step(step=step, epoch=..., loss=loss, samples=32)
"""

from __future__ import annotations

__version__ = "0.1.0"
__all__ = ["Reporter", "StopTraining", "__version__"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trainyard.reporter.reporter import Reporter, StopTraining


def __getattr__(name: str) -> object:
    # Imported on first use: the supervisor imports this package too, and its start delays the first status of a job.
    if name in ("Reporter", "StopTraining"):
        from trainyard import reporter

        return getattr(reporter, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
