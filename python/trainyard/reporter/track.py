"""Report every batch of a loop: ``for batch in report.track(loader)``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sized
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from trainyard.reporter.reporter import Reporter

_Batch = TypeVar("_Batch")


class Passes:
    """Counts the steps and epochs of one reporter, so that each ``track()`` continues the previous one."""

    def __init__(self, step: int, epoch: int) -> None:
        self.step = step
        self.epoch = epoch


class Tracked(Generic[_Batch]):
    """One pass over the data, that is, one epoch. Iterate over it; one batch is one step.

    A step is complete when the loop asks for the next batch.
    """

    def __init__(self, report: Reporter, batches: Iterable[_Batch], passes: Passes, epochs: int | None) -> None:
        self._report = report
        self._batches = batches
        self._passes = passes
        self._epochs = epochs
        self._metrics: dict[str, Any] = {}

    def __len__(self) -> int:
        """Return the number of batches.

        Raises:
            TypeError: the loader has no length.
        """
        return len(self._batches)  # type: ignore[arg-type]

    def log(self, **metrics: Any) -> None:
        """Add metrics to the current step, such as ``loss``. A metric besides the loss is reported at every call."""
        self._metrics.update(metrics)

    def __iter__(self) -> Iterator[_Batch]:
        """Yield the batches and report each one.

        Raises:
            StopTraining: a stop was requested. The function registered with ``on_stop`` has been called.
        """
        from trainyard.reporter.reporter import StopTraining

        passes, report = self._passes, self._report
        passes.epoch += 1
        if report.active:
            report.begin(total_steps=self._total_steps(), epochs=self._epochs)
        for batch in self._batches:
            yield batch
            passes.step += 1
            metrics, self._metrics = self._metrics, {}
            report.step(passes.step, passes.epoch, **metrics)
            if report.should_stop:
                raise StopTraining("Stop requested.")

    def _total_steps(self) -> int | None:
        if self._epochs is None or not isinstance(self._batches, Sized):
            return None
        passes_left = max(1, self._epochs - self._passes.epoch + 1)
        return self._passes.step + passes_left * len(self._batches)
