"""Choose the network that suits a table: linear or with hidden layers, and which numbers it embeds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from trainyard.trainers.tabular.architecture import Architecture
from trainyard.trainers.tabular.base import has_extremes
from trainyard.trainers.tabular.encoders import Encoder, number_positions
from trainyard.trainers.tabular.load_table import LoadedTable
from trainyard.trainers.tabular.options import Options
from trainyard.trainers.tabular.text_encoder import TextEncoder

# With fewer training rows, hidden layers find patterns in noise.
_MAX_ROWS_LINEAR = 200
_DEFAULT_HIDDEN = [256, 256, 256]
# With fewer rows for each term of a text, the network is linear too. Its terms are sparse: Adam suits them, and the
# steps for wide tables do not.
_ROWS_PER_TERM = 4
# With more numeric inputs, they are not embedded: the network has inputs enough.
_MAX_EMBEDDED = 256
# The mean of several hidden networks depends less on chance. With fewer training rows, they fit the same noise, and the
# validation rows are too few to notice it; with more, they cost minutes.
_MEMBERS, _MIN_ROWS_OF_MEMBERS, _MAX_ROWS_OF_MEMBERS = 4, 500, 10_000


def choose_architecture(
    options: Options, encoders: Sequence[Encoder], table: LoadedTable, training: npt.NDArray[np.float32], has_base: bool
) -> Architecture:
    """Return the architecture for the inputs of the training rows, shape (rows, inputs)."""
    numbers = number_positions(encoders)
    rows, width = training.shape
    terms = sum(encoder.width for encoder in encoders if isinstance(encoder, TextEncoder))
    is_wide = width - terms > rows
    is_linear = is_wide or width > rows or terms * _ROWS_PER_TERM > rows or rows <= _MAX_ROWS_LINEAR
    hidden = ([] if is_linear else _DEFAULT_HIDDEN) if options.hidden is None else options.hidden
    if not hidden and not has_extremes(training, numbers):
        numbers = []  # a linear model follows numbers exactly if they are not compressed
    return Architecture(
        inputs=width,
        outputs=len(table.classes or table.target.names),
        numbers=numbers,
        hidden=hidden,
        embeds_numbers=len(numbers) <= _MAX_EMBEDDED,
        activation="mish" if table.target.task == "regression" else "selu",
        is_wide=is_wide,
        has_base=has_base,
        members=_members(options, rows) if hidden else 1,
    )


def _members(options: Options, rows: int) -> int:
    """Return the number of hidden networks. Only Adam's steps do not depend on the share of a network in the loss."""
    is_in_range = _MIN_ROWS_OF_MEMBERS <= rows <= _MAX_ROWS_OF_MEMBERS
    return _MEMBERS if is_in_range and options.optimizer in ("auto", "adamw") else 1
