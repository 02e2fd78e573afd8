"""Encode table columns as network inputs. Encoders are fitted on the training rows only and are JSON-serializable."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from trainyard.data import CategoryColumn, Column, DateColumn, TextColumn
from trainyard.trainers.tabular.category_encoder import CategoryEncoder, Indices
from trainyard.trainers.tabular.date_encoder import DateEncoder
from trainyard.trainers.tabular.number_encoder import NumberEncoder, RobustNumberEncoder
from trainyard.trainers.tabular.text_encoder import TextEncoder

# `NumberEncoder` only occurs in models of earlier versions.
Encoder = RobustNumberEncoder | DateEncoder | CategoryEncoder | TextEncoder | NumberEncoder

_ENCODERS: dict[str, type[Encoder]] = {
    encoder.type: encoder for encoder in (RobustNumberEncoder, DateEncoder, CategoryEncoder, TextEncoder, NumberEncoder)
}


def encoder_from_json(value: dict[str, Any]) -> Encoder:
    """Restore an encoder from `to_json`. Raises KeyError or TypeError for anything else."""
    fields = dict(value)
    return _ENCODERS[fields.pop("type")](**fields)


def fit_encoder(column: Column, rows: Indices, max_levels: int, max_terms: int) -> Encoder | None:
    """Fit the encoder for this column on the training `rows`; None if they are constant or empty."""
    if isinstance(column, TextColumn):
        return TextEncoder.fit(column, rows, max_terms)
    if isinstance(column, CategoryColumn):
        return CategoryEncoder.fit(column, rows, max_levels)
    values = column.values[rows]
    if isinstance(column, DateColumn):
        return DateEncoder.fit(column.name, values, column.order)
    return RobustNumberEncoder.fit(column.name, values)


def number_positions(encoders: Sequence[Encoder]) -> list[int]:
    """Return the positions of those network inputs that are numbers in robust units."""
    positions, start = [], 0
    for encoder in encoders:
        if isinstance(encoder, RobustNumberEncoder):
            positions.append(start)
        start += encoder.width
    return positions


def encode_columns(encoders: Sequence[Encoder], columns: dict[str, Column], rows: int) -> npt.NDArray[np.float32]:
    """Return the network inputs, shape (rows, sum of the widths of the encoders)."""
    inputs = np.empty((rows, sum(encoder.width for encoder in encoders)), dtype=np.float32)
    start = 0
    for encoder in encoders:
        encoder.encode(columns[encoder.column], inputs[:, start : start + encoder.width])
        start += encoder.width
    return inputs
