"""Sizes and parts of a network. Importing this module does not import PyTorch."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class Architecture:
    """Everything that defines a network besides its weights.

    `numbers` are the positions of numeric inputs, in robust units. `is_wide`: there are more inputs than the training
    rows can tell apart, so that they are weighted before the training. `has_base` adds a linear function of the inputs
    that is fitted before the training. `members` is the number of hidden networks whose outputs are averaged.
    """

    inputs: int
    outputs: int
    numbers: list[int]
    hidden: list[int]
    embeds_numbers: bool
    activation: Literal["selu", "mish"]
    is_wide: bool
    has_base: bool
    members: int = 1

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a JSON object."""
        return asdict(self)
