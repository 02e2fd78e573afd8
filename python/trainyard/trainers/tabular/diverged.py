"""A training whose loss is not a finite number."""

from __future__ import annotations

import math


class DivergedError(RuntimeError):
    """The loss is NaN or infinite: the training diverged."""

    is_for_users = True


def check_finite(loss: float, step: int, epoch: int, learning_rate: float, saved_epoch: int | None) -> None:
    """Raise DivergedError, with what to do, if the loss is not finite.

    Args:
        saved_epoch: the epoch of the saved model; None if there is none.
    """
    if math.isfinite(loss):
        return
    saved = "No model is saved." if saved_epoch is None else f"The model of epoch {saved_epoch} is saved."
    raise DivergedError(
        f"The training diverged: the loss was {loss} at step {step}, in epoch {epoch}. "
        f"Start a new job with a learning rate below {learning_rate:g}. {saved}"
    )
