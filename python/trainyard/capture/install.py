"""Start to capture progress in this process."""

from __future__ import annotations

import importlib
import sys
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING

from trainyard.capture.collector import Collector
from trainyard.capture.guard import Guard
from trainyard.capture.import_hooks import ImportHooks
from trainyard.capture.lines import watch_streams
from trainyard.capture.script_options import watch_options
from trainyard.capture.sources import selected_sources
from trainyard.reporter.rank import rank

if TYPE_CHECKING:
    from trainyard.reporter.reporter import Reporter

_MODULES = {
    "transformers.trainer": "transformers",
    "lightning.pytorch.trainer.trainer": "lightning",
    "pytorch_lightning.trainer.trainer": "lightning",
    "keras.src.models.model": "keras",
    "xgboost.training": "xgboost",
    "lightgbm.engine": "lightgbm",
    "torch.utils.tensorboard.writer": "tensorboard",
    "tensorboardX.writer": "tensorboard",
    "mlflow.tracking.fluent": "mlflow",
    "wandb.sdk.wandb_run": "wandb",
    "tqdm.std": "tqdm",
}
"""Imported module -> the source that patches it: ``trainyard.capture.<source>.patch``."""

_JOINT = {"transformers", "lightning"}
"""Sources whose processes stop and resume together."""


class Capture:
    """The result of ``install``.

    Args:
        collector: receives the numbers.
        hooks: watches the imports.
    """

    def __init__(self, collector: Collector | None = None, hooks: ImportHooks | None = None) -> None:
        self._collector = collector
        self._hooks = hooks

    def close(self) -> None:
        """Report pending progress, such as the last step of a bar that the script never closes.

        Call it after the script has ended, before the ``with`` block of the reporter ends.
        """
        if self._hooks is not None:
            self._hooks.remove()
        if self._collector is not None:
            self._collector.flush()


def install(report: Reporter, sources: str | None = None) -> Capture:
    """Report the progress of the libraries of this process from now on. Call it once, before the script runs.

    A rank above 0 reports nothing: there, only the libraries are watched whose processes stop and resume together.

    An error in a hook disables its source with one line on standard error, and never ends the script.

    Args:
        report: receives the numbers. It must be inside its ``with`` block.
        sources: the setting ``TRAINYARD_CAPTURE``: ``all`` (default), ``none``, names separated by commas, or
            ``-name`` to remove one.
    """
    log = sys.stderr
    selected = selected_sources(sources, lambda text: log.write(f"trainyard: {text}.\n"))
    if not report.active:
        selected &= _JOINT if rank() > 0 else set()
    if not selected:
        return Capture()
    collector = Collector(report)
    guards = {source: Guard(source, log) for source in selected}
    watch_options(collector, Guard("options", log))
    if "lines" in selected:
        watch_streams(collector, guards["lines"], selected)
    patches = {
        module: partial(_patch, source, collector, guards[source])
        for module, source in _MODULES.items()
        if source in selected
    }
    hooks = ImportHooks(patches)
    hooks.install()
    return Capture(collector, hooks)


def _patch(source: str, collector: Collector, guard: Guard, module: ModuleType) -> None:
    try:
        importlib.import_module(f"trainyard.capture.{source}").patch(module, collector, guard)
    except Exception as error:  # an unknown version of the library
        guard.disable(error)
