"""Predict with a trained model: write the rows of a file with the predictions as CSV."""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import polars as pl
import torch

from trainyard.data import InvalidDatasetError, TableFile, open_table
from trainyard.data.read_options import DEFAULT, ReadOptions
from trainyard.trainers.tabular.checkpoint import load_checkpoint
from trainyard.trainers.tabular.predict_rows import (
    Model,
    Predictions,
    Rows,
    Unread,
    check_columns,
    predict_rows,
    warnings_of,
)
from trainyard.trainers.tabular.schema import ModelSchema


def predict_file(
    model: Path, data: Path, output: Path | None = None, progress: Callable[[int], None] = lambda rows: None
) -> list[str]:
    """Write the rows of `data` as CSV, in the same order, with the predictions of `model` as added columns.

    A regression adds `prediction` (for several targets, `prediction_<target>`). A classification adds `prediction` and
    `probability_<class>` for each class. The data need not contain the targets. Missing values and unknown texts are
    encoded as in training; text in a numeric column counts as missing. Memory use does not depend on the file size.

    Args:
        model: a checkpoint, `.safetensors` or `.pt`.
        data: CSV, TSV or JSONL, plain or gzip, with all feature columns of the model.
        output: the file to write atomically. Default: standard output.
        progress: called after each block with its number of rows; can raise to abort.

    Returns:
        A sentence for each column with values that the model could not use, with their number.

    Raises:
        InvalidModelError: the model cannot be loaded.
        InvalidDatasetError: the data is invalid, or a column is missing.
        OSError: the output cannot be written.
    """
    loaded = Model(*load_checkpoint(model))
    table, _ = open_for(loaded.schema, data)
    return predict_table(loaded, table, output, progress)


def open_for(
    schema: ModelSchema, data: Path, training: ReadOptions = DEFAULT, given: ReadOptions = DEFAULT
) -> tuple[TableFile, int]:
    """Open a file that has the columns of a model, and return it with its number of rows.

    Args:
        training: how the file of the training was written. The file is read so if it cannot be read without options, or
            lacks columns then.
        given: how this file is written, if the user says so.

    Raises:
        InvalidDatasetError: the data is invalid, or a column is missing.
    """
    try:
        return _open(schema, data, given)
    except InvalidDatasetError:
        if training == DEFAULT or given != DEFAULT:
            raise
        try:
            return _open(schema, data, training)
        except InvalidDatasetError:
            pass  # the first error explains more if the file differs from that of the training
        raise


def _open(schema: ModelSchema, data: Path, options: ReadOptions) -> tuple[TableFile, int]:
    table = open_table(data, options=options)
    check_columns(schema, table.names, data)
    return table, table.count_rows()


def predict_table(
    loaded: Model, table: TableFile, output: Path | None, progress: Callable[[int], None] = lambda rows: None
) -> list[str]:
    """Predict all rows of a file: see `predict_file`."""
    torch.set_num_threads(1)
    unread: dict[str, Unread] = {}
    count = 0
    with _writing(output) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*table.names, *added_names(loaded.schema, table.names)])
        for block in table.small_blocks():
            columns = block.frame.get_columns()
            rows = Rows({column.name: column for column in columns}, block.line, table.path, table.decimal_comma)
            predictions = predict_rows(loaded, rows)
            texts = [column.cast(pl.String).fill_null("").to_list() for column in columns]
            writer.writerows([*cells, *new] for cells, new in zip(zip(*texts), _added(loaded.schema, predictions)))
            count += block.frame.height
            progress(block.frame.height)
            for name, found in predictions.unread.items():
                unread[name] = unread[name] + found if name in unread else found
    return warnings_of(unread, count, "line")


def added_names(schema: ModelSchema, taken: Sequence[str]) -> list[str]:
    """Return the names of the added columns, none of which is in `taken`."""
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


def _added(schema: ModelSchema, predictions: Predictions) -> list[list[str]]:
    """Return the added cells for each row."""
    if predictions.probabilities is None:
        return [[f"{value:.7g}" for value in row] for row in predictions.values]
    return [
        [schema.classes[likeliest], *(f"{value:.6f}" for value in row)]
        for likeliest, row in zip(predictions.values, predictions.probabilities)
    ]


@contextmanager
def _writing(output: Path | None) -> Iterator[TextIO]:
    """Yield standard output, or a temporary file that is renamed to `output` when complete."""
    if output is None:
        yield sys.stdout
        return
    staged = output.with_name(f".{output.name}.{os.urandom(6).hex()}")
    try:
        # A label of an earlier version can contain a lone surrogate, which UTF-8 cannot encode.
        with staged.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            yield file
        os.replace(staged, output)
    except BaseException:
        staged.unlink(missing_ok=True)
        raise
