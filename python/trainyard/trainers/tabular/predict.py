"""Predict with a trained model: write the rows of a file with the predictions as CSV."""

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
    """Write the rows of `data` as CSV, in the same order, with the predictions of `model` as added columns.

    A regression adds `prediction` (for several targets, `prediction_<target>`). A classification adds `prediction` and
    `probability_<class>` for each class. The data need not contain the targets. Missing values and unknown texts are
    encoded as in training; text in a numeric column counts as missing. Memory use does not depend on the file size.

    Args:
        model: a checkpoint, `.safetensors` or `.pt`.
        data: CSV, TSV or JSONL, plain or gzip, with all feature columns of the model.
        output: the file to write atomically. Default: standard output.

    Raises:
        InvalidModelError: the model cannot be loaded.
        InvalidDatasetError: the data is invalid, or a column is missing.
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
        f"missing {'column' if len(missing) == 1 else 'columns'} {', '.join(map(repr, missing[:10]))}"
        + (f" and {len(missing) - 10} more" if len(missing) > 10 else "")
        + ", required by the model. "
        + (f"Rename {near[0]!r} if it is {missing[0]!r}. " if near else "")
        + f"Columns of the file: {', '.join(table.names[:30])}{', ...' if len(table.names) > 30 else ''}.",
        path=table.path,
    )


def _new_names(schema: ModelSchema, taken: Sequence[str]) -> list[str]:
    if schema.task == "classification":
        names = ["prediction", *(f"probability_{label}" for label in schema.classes)]
    elif len(schema.targets) > 1:
        names = [f"prediction_{target}" for target in schema.targets]
    else:
        names = ["prediction"]
    # The file may already contain predictions: column names must stay unique.
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
    """Return the added cells for each row of a block."""
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
    """Yield standard output, or a temporary file that is renamed to `output` when complete."""
    if output is None:
        yield sys.stdout
        return
    staged = output.with_name(f".{output.name}.{os.urandom(6).hex()}")
    try:
        # JSON can contain a lone surrogate, which UTF-8 cannot encode.
        with staged.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            yield file
        os.replace(staged, output)
    except BaseException:
        staged.unlink(missing_ok=True)
        raise
