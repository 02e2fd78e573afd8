"""Predicting with a trained model: the rows of a file, with what the model says to each, as CSV."""

from __future__ import annotations

import csv
import difflib
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import numpy as np
import torch

from trainyard.data import Column, InvalidDatasetError, TableFile, open_table
from trainyard.data.columns import empty_column
from trainyard.trainers.tabular.checkpoint import load_checkpoint
from trainyard.trainers.tabular.encoders import encode_columns
from trainyard.trainers.tabular.network import TabularNetwork
from trainyard.trainers.tabular.schema import ModelSchema


def predict_file(model: Path, data: Path, output: Path | None = None) -> None:
    """Write the rows of `data`, in their order, as CSV with columns for what `model` predicts.

    A regression adds `prediction` (`prediction_<target>` for each of several); a classification adds `prediction` and a
    `probability_<class>` for each class. Targets need not be in the data. Missing values and unknown texts are
    treated as in training, and what is no number in a column of numbers counts as missing. Memory does not grow
    with the file.

    Args:
        model: a checkpoint, `.safetensors` or `.pt`.
        data: CSV, TSV or JSONL, also gzip, with every column the model learned from.
        output: the file to write, complete or not at all; standard output when None.

    Raises:
        InvalidModelError: the model cannot be used.
        InvalidDatasetError: the data cannot be used; a column is missing, for example.
        OSError: the output cannot be written.
    """
    schema, network = load_checkpoint(model)
    torch.set_num_threads(1)
    table = open_table(data)
    _check_columns(schema, table)
    with _writing(output) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*table.names, *_new_names(schema, table.names)])
        for lines, columns in table.blocks():
            predicted = _predict(schema, network, table, lines, columns)
            writer.writerows([*cells, *added] for cells, added in zip(zip(*columns), predicted))


def _check_columns(schema: ModelSchema, table: TableFile) -> None:
    missing = [encoder.column for encoder in schema.encoders if encoder.column not in table.names]
    if not missing:
        return
    near = difflib.get_close_matches(missing[0], table.names, n=1)
    raise InvalidDatasetError(
        f"the model needs {'the column' if len(missing) == 1 else 'the columns'} {', '.join(map(repr, missing[:10]))}"
        + (f" and {len(missing) - 10} more" if len(missing) > 10 else "")
        + ", which the file does not have. "
        + (f"Is it {near[0]!r} there? " if near else "")
        + f"The file has: {', '.join(table.names[:30])}{', ...' if len(table.names) > 30 else ''}.",
        path=table.path,
    )


def _new_names(schema: ModelSchema, taken: Sequence[str]) -> list[str]:
    if schema.task == "classification":
        names = ["prediction", *(f"probability_{label}" for label in schema.classes)]
    elif len(schema.targets) > 1:
        names = [f"prediction_{target}" for target in schema.targets]
    else:
        names = ["prediction"]
    # Predicting on a file that holds predictions already must not make two columns of one name.
    while set(names) & set(taken):
        names = [f"{name}_new" for name in names]
    return names


@torch.no_grad()
def _predict(
    schema: ModelSchema,
    network: TabularNetwork,
    table: TableFile,
    lines: Sequence[int],
    cells: Sequence[Sequence[str]],
) -> list[list[str]]:
    """The new cells of each row of a block."""
    columns: dict[str, Column] = {}
    for encoder in schema.encoders:
        column = columns[encoder.column] = empty_column(encoder.column, encoder.kind)
        column.extend(lines, cells[table.names.index(encoder.column)], table.decimal_comma, table.path)
    outputs = network(torch.from_numpy(encode_columns(schema.encoders, columns, len(lines))))
    if schema.task == "regression":
        return [[f"{value:.7g}" for value in row] for row in schema.to_target_units(outputs.numpy())]
    probabilities = outputs.softmax(dim=1).numpy()
    return [
        [schema.classes[likeliest], *(f"{value:.6f}" for value in row)]
        for likeliest, row in zip(np.argmax(probabilities, axis=1), probabilities)
    ]


@contextmanager
def _writing(output: Path | None) -> Iterator[TextIO]:
    """Standard output, or a file that takes its name only once it is complete."""
    if output is None:
        yield sys.stdout
        return
    staged = output.with_name(f".{output.name}.{os.urandom(6).hex()}")
    try:
        # A lone surrogate, which JSON can say and UTF-8 cannot, must not end the work.
        with staged.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            yield file
        os.replace(staged, output)
    except BaseException:
        staged.unlink(missing_ok=True)
        raise
