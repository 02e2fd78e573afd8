"""Numbers that a script gives to ``SummaryWriter``, of PyTorch or of tensorboardX."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from trainyard.capture.collector import Collector
from trainyard.capture.guard import Guard
from trainyard.capture.logged_numbers import LoggedNumbers
from trainyard.capture.patch import call_after


def patch(module: ModuleType, collector: Collector, guard: Guard) -> None:
    """Patch ``torch.utils.tensorboard.writer`` or ``tensorboardX.writer``."""
    numbers = LoggedNumbers(collector, "tensorboard")

    def add_scalar(
        writer: Any, tag: str, scalar_value: Any = None, global_step: Any = None, *args: Any, **kwargs: Any
    ) -> None:
        numbers.see({tag: scalar_value}, global_step)

    def add_scalars(
        writer: Any, main_tag: str, tag_scalar_dict: dict[str, Any], global_step: Any = None, *args: Any, **kwargs: Any
    ) -> None:
        numbers.see({f"{main_tag}/{tag}": value for tag, value in tag_scalar_dict.items()}, global_step)

    call_after(module.SummaryWriter, "add_scalar", add_scalar, guard)
    call_after(module.SummaryWriter, "add_scalars", add_scalars, guard)
