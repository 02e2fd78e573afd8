"""Columns of JSON values as Polars series, typed where all values have one type."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from trainyard.data.flatten import Scalar

if TYPE_CHECKING:
    import polars as pl

_INT64 = 1 << 63


class BigInt:
    """Type of an integer beyond 64 bits."""


def type_of(value: Scalar) -> type:
    """Return the type of a value; BigInt for an integer beyond 64 bits."""
    return BigInt if type(value) is int and not -_INT64 <= value < _INT64 else type(value)


def dtype_of(types: frozenset[type]) -> Any:
    """Return the type of a column with values of these types: Boolean, Int64, Float64, or String for mixed ones."""
    import polars as pl

    types = types - {type(None)}
    if types == {bool}:
        return pl.Boolean
    if types == {int}:
        return pl.Int64
    return pl.Float64 if types and types <= {int, float} else pl.String


def to_series(name: str, values: Sequence[Scalar], dtype: Any) -> pl.Series:
    """Return the values as a series of a type from `dtype_of`. In a column of String, others become text."""
    import polars as pl

    if dtype == pl.String:
        return pl.Series(name, _texts(values), dtype=dtype)
    if dtype == pl.Float64:
        return pl.Series(name, [None if value is None else float(value) for value in values], dtype=dtype)
    return pl.Series(name, values, dtype=dtype)


def _texts(values: Sequence[Scalar]) -> list[str | None]:
    from trainyard.data.columns.value_text import to_texts

    texts: list[Any] = list(values)
    floats = [position for position, value in enumerate(values) if type(value) is float]
    for position, text in zip(floats, to_texts(_floats(values, floats)).to_list()):
        texts[position] = text
    for position, value in enumerate(texts):
        if type(value) is bool:
            texts[position] = "true" if value else "false"
        elif type(value) is int:
            texts[position] = repr(value)
    return texts


def _floats(values: Sequence[Scalar], positions: list[int]) -> pl.Series:
    import polars as pl

    return pl.Series([values[position] for position in positions], dtype=pl.Float64)
