"""Permutation importance: the decrease of the score when the values of a column are shuffled."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from trainyard.trainers.tabular.evaluation.predictions import decode, measure
from trainyard.trainers.tabular.learner import Learner
from trainyard.trainers.tabular.schema import ModelSchema

# Bounds of the cost: with them, a network with 1,000 inputs takes about 3 s.
MAX_ROWS, MAX_COLUMNS, REPEATS = 1000, 50, 3

Array = npt.NDArray[Any]


class Importance:
    """Collects predictions with shuffled columns, of one model or of those of several folds.

    Args:
        columns: names of the columns to measure, from `important_columns`.
        score: name of the main score.
        seed: the same seed gives the same numbers.
        check: called before each column; can raise to abort.
    """

    def __init__(self, columns: Sequence[str], score: str, seed: int, check: Callable[[], None]) -> None:
        self._columns = columns
        self._score = score
        self._seed = seed
        self._check = check
        self._actual: list[Array] = []
        self._plain: list[Array] = []
        self._shuffled: dict[str, list[Array]] = {column: [] for column in columns}

    def add(
        self,
        learner: Learner,
        weights: Mapping[str, Tensor],
        schema: ModelSchema,
        rows: Array,
        actual: Array,
        most: int,
    ) -> None:
        """Predict `rows`, at most `most` of them, with each column shuffled among them.

        Args:
            rows: indices of rows of the learner's inputs.
            actual: their targets: class indices, or numbers in the units of the targets.
            most: maximum number of rows to use.
        """
        random = np.random.default_rng(self._seed)
        if len(rows) > most:
            chosen = np.sort(random.choice(len(rows), most, replace=False))
            rows, actual = rows[chosen], actual[chosen]
        inputs = learner.inputs[torch.from_numpy(rows).to(learner.device)]
        plain = _labels(schema, learner.outputs(dict(weights), inputs))
        self._actual.append(actual)
        self._plain.append(plain)
        inputs_of = dict(_ranges(schema))
        for column in self._columns:
            self._check()
            repeats = [plain] * REPEATS
            if column in inputs_of:
                repeats = [
                    _labels(schema, learner.outputs(dict(weights), _shuffled(inputs, inputs_of[column], random)))
                    for _ in range(REPEATS)
                ]
            self._shuffled[column].append(np.stack(repeats))

    def values(self) -> dict[str, float]:
        """Return the mean decrease of the score for each column; empty without rows, or if the score is not defined."""
        if not self._actual:
            return {}
        actual = np.concatenate(self._actual)
        reached = measure(self._score, actual, np.concatenate(self._plain))
        falls = {
            column: float(
                np.mean([reached - measure(self._score, actual, each) for each in np.concatenate(parts, axis=1)])
            )
            for column, parts in self._shuffled.items()
        }
        return {column: fall for column, fall in falls.items() if np.isfinite(fall)}


def important_columns(learner: Learner, weights: Mapping[str, Tensor], schema: ModelSchema, rows: Array) -> list[str]:
    """Return the columns to measure: all, or the `MAX_COLUMNS` to whose inputs the network is most sensitive."""
    ranges = list(_ranges(schema))
    if len(ranges) <= MAX_COLUMNS:
        return [name for name, _ in ranges]
    inputs = learner.inputs[torch.from_numpy(rows[:MAX_ROWS]).to(learner.device)].clone().requires_grad_(True)
    outputs: Tensor = torch.func.functional_call(learner.average, dict(weights), (inputs,))
    (gradient,) = torch.autograd.grad(outputs.abs().sum(), inputs)
    sensitivity = (gradient.abs().mean(dim=0) * inputs.detach().std(dim=0)).cpu().numpy()
    strength = np.array([sensitivity[start:end].sum() for _, (start, end) in ranges])
    return [ranges[index][0] for index in sorted(np.argsort(-strength, kind="stable")[:MAX_COLUMNS])]


def _ranges(schema: ModelSchema) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield each column with the range of its inputs."""
    start = 0
    for encoder in schema.encoders:
        yield encoder.column, (start, start + encoder.width)
        start += encoder.width


def _shuffled(inputs: Tensor, its_range: tuple[int, int], random: np.random.Generator) -> Tensor:
    start, end = its_range
    order = torch.from_numpy(random.permutation(len(inputs))).to(inputs.device)
    changed = inputs.clone()
    changed[:, start:end] = inputs[order, start:end]
    return changed


def _labels(schema: ModelSchema, outputs: Tensor) -> Array:
    decoded = decode(schema, outputs)
    return decoded.argmax(axis=1) if schema.task == "classification" else decoded
