"""Counters and totals of a training loop, read from the variables of the script."""

from __future__ import annotations

from types import FrameType

EPOCH = ("epoch", "epoch_idx", "epoch_num", "ep")
"""Usual names of the epoch that a script is in."""

EPOCHS = (
    "epochs",
    "num_epochs",
    "n_epochs",
    "max_epochs",
    "num_train_epochs",
    "nepochs",
    "EPOCHS",
    "NUM_EPOCHS",
    "N_EPOCHS",
)
"""Usual names of the number of epochs."""

STEP = ("step", "global_step", "iteration", "it", "i", "batch_idx")
"""Usual names of the step that a script is in."""

STEPS = (
    "steps",
    "max_steps",
    "num_steps",
    "n_steps",
    "total_steps",
    "iterations",
    "max_iterations",
    "num_iterations",
    "n_iter",
    "max_iter",
    "iters",
    "max_iters",
)
"""Usual names of the number of steps."""

_MAX_FRAMES = 4  # callers to look at: train() is called by main(), where the loop over the epochs is


def epoch_variables(frame: FrameType | None) -> tuple[int | None, int | None]:
    """Return (epoch as the script counts it, number of epochs); None where no variable has a usual name."""
    return loop_variable(frame, EPOCH), loop_variable(frame, EPOCHS, with_globals=True)


def loop_variable(frame: FrameType | None, names: tuple[str, ...], with_globals: bool = False) -> int | None:
    """Return the first variable of one of these names, in the frame or its callers; None if there is none."""
    for _ in range(_MAX_FRAMES):
        if frame is None:
            break
        count = _first_count(frame.f_locals, names)
        if count is None and with_globals:
            count = _first_count(frame.f_globals, names)
        if count is not None:
            return count
        frame = frame.f_back
    return None


def _first_count(scope: dict[str, object], names: tuple[str, ...]) -> int | None:
    for name in names:
        value = scope.get(name)
        if type(value) is int and 0 <= value < 2**31:
            return value
    return None
