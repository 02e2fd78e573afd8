"""Report a training of Lightning: ``Trainer(callbacks=[TrainyardCallback()])``, ``Trainer(logger=TrainyardLogger())``.

Works with ``lightning`` and with ``pytorch_lightning``: the one that the script has imported.
"""

from __future__ import annotations

import sys

from trainyard.integrations.lightning_hooks import CallbackHooks, LoggerHooks

if "pytorch_lightning" in sys.modules and "lightning.pytorch" not in sys.modules:
    from pytorch_lightning import Callback
    from pytorch_lightning.loggers import Logger
else:
    from lightning.pytorch import Callback
    from lightning.pytorch.loggers import Logger


class TrainyardCallback(CallbackHooks, Callback):  # type: ignore[misc]
    __doc__ = CallbackHooks.__doc__


class TrainyardLogger(LoggerHooks, Logger):  # type: ignore[misc]
    __doc__ = LoggerHooks.__doc__
