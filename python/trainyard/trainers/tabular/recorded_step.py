"""A training step that a GPU records once and then repeats.

A step starts about a hundred kernels of a few microseconds each, so that a GPU waits for Python. Repeating a recorded
step (a CUDA graph) starts all of them in one call.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

WARM_UP_STEPS = 3  # libraries set themselves up in the first ones, which cannot be recorded

Step = Callable[[Tensor, Tensor, Tensor], Tensor]
"""A step on some rows with a learning rate and the share of the new weights in the average, each a tensor with one
number. Returns the loss. Does not read values of tensors."""


class RecordedStep:
    """Runs steps with the same number of rows from a recording, and others as they are. The results are equal.

    Args:
        rows: number of rows of a step that is recorded.
        device: a GPU of NVIDIA or AMD.
    """

    def __init__(self, rows: int, device: torch.device) -> None:
        self._rows = torch.zeros(rows, dtype=torch.int64, device=device)
        self._rate, self._share = torch.zeros((), device=device), torch.zeros((), device=device)
        self._graph: torch.cuda.CUDAGraph | None = None
        self._loss: Tensor | None = None
        self._steps_before = WARM_UP_STEPS
        self._can_record = True

    def run(self, step: Step, rows: Tensor, learning_rate: float, share: float) -> Tensor:
        """Run a step, the same one each time. Returns the loss before the update."""
        self._rate.fill_(learning_rate)
        self._share.fill_(share)
        if len(rows) != len(self._rows) or not self._can_record:
            return step(rows, self._rate, self._share)
        self._rows.copy_(rows)
        if self._steps_before:
            self._steps_before -= 1
            return step(self._rows, self._rate, self._share)
        if self._graph is None:
            self._record(step)
        if self._graph is None or self._loss is None:
            return step(rows, self._rate, self._share)
        self._graph.replay()
        return self._loss.clone()

    def _record(self, step: Step) -> None:
        """Record a step, without running it."""
        graph = torch.cuda.CUDAGraph()
        try:
            with torch.cuda.graph(graph):
                self._loss = step(self._rows, self._rate, self._share)
        except RuntimeError as error:
            self._can_record = False
            print(f"Training continues without a recorded step ({error}).")
            return
        self._graph = graph
