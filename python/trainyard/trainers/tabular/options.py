"""Options of the tabular trainer. `OPTIONS_SCHEMA` defines their types, limits and defaults."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from trainyard.data.read_options import ENCODINGS, MAX_HEADER_LINE
from trainyard.trainers.invalid_options import InvalidOptionsError

DEFAULTS: dict[str, Any] = {"epochs": 100, "batch_size": None, "learning_rate": 0.04, "seed": 0}
"""Default number of epochs, batch size in rows (None: chosen by the number of rows), learning rate and seed."""

OPTIONS_SCHEMA: dict[str, Any] = {
    "title": "Options of the tabular trainer",
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "target": {
            "description": "Column to predict, or a list of numeric columns. Default: the last column that is not an "
            "identifier.",
            "anyOf": [
                {"type": "string", "minLength": 1},
                {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1, "uniqueItems": True},
                {"type": "null"},
            ],
            "default": None,
        },
        "task": {
            "description": "Regression (numbers) or classification (classes). auto selects classification for text, "
            "booleans and a few whole numbers that repeat.",
            "enum": ["auto", "regression", "classification"],
            "default": "auto",
        },
        "columns": {
            "description": 'Kinds of columns that override the inferred ones, such as {"zip": "CATEGORY"}. '
            "IGNORE leaves a column out.",
            "anyOf": [
                {
                    "type": "object",
                    "additionalProperties": {"enum": ["NUMBER", "CATEGORY", "DATE", "TIME", "TEXT", "IGNORE"]},
                    "maxProperties": 1000,
                },
                {"type": "null"},
            ],
            "default": None,
        },
        "missing": {
            "description": 'Texts that count as missing in every column, such as ["-999", "None"]. '
            "Default: empty cells, and the usual markers in columns of numbers and dates.",
            "anyOf": [
                {"type": "array", "items": {"type": "string", "minLength": 1}, "maxItems": 100, "uniqueItems": True},
                {"type": "null"},
            ],
            "default": None,
        },
        "encoding": {
            "description": "Encoding of the text of the file. Default: UTF-8, or UTF-16 with a byte order mark.",
            "enum": [*ENCODINGS, None],
            "default": None,
        },
        "header": {
            "description": "Whether the first row of a CSV or TSV file has the column names, or the number of the line "
            "that has them. false names the columns column_1, column_2 and so on. Default: inferred.",
            "anyOf": [
                {"type": "boolean"},
                {"type": "integer", "minimum": 1, "maximum": MAX_HEADER_LINE},
                {"type": "null"},
            ],
            "default": None,
        },
        "validation_fraction": {
            "description": "Fraction of the rows for validation, which chooses the epoch. The model is not trained on "
            "these rows.",
            "type": "number",
            "exclusiveMinimum": 0,
            "exclusiveMaximum": 1,
            "default": 0.2,
        },
        "test_fraction": {
            "description": "Fraction of the rows that are held out for the test. Expect its score for new rows. "
            "0: no test; the score is then of the validation rows, and is optimistic.",
            "type": "number",
            "minimum": 0,
            "exclusiveMaximum": 1,
            "default": 0.2,
        },
        "folds": {
            "description": "Number of parts for a cross-validation, instead of a test part: a model for each part is "
            "trained on the other rows. 0: none. Default: 5 for tables with few rows or rare classes.",
            "anyOf": [{"type": "integer", "minimum": 0, "maximum": 20}, {"type": "null"}],
            "default": None,
        },
        "group": {
            "description": "Column whose equal values belong together, such as a patient or a device. All rows of a "
            "group go to the same part. The column is not a feature.",
            "anyOf": [{"type": "string", "minLength": 1}, {"type": "null"}],
            "default": None,
        },
        "time": {
            "description": "Column with dates or numbers by which to split: the newest rows are the test, those "
            "before them the validation.",
            "anyOf": [{"type": "string", "minLength": 1}, {"type": "null"}],
            "default": None,
        },
        "refit": {
            "description": "Train on all rows at the end, for the number of epochs that the validation has chosen. "
            "The score is that of the model before.",
            "type": "boolean",
            "default": False,
        },
        "hidden": {
            "description": "Number of units in each hidden layer, such as [64, 64]. [] is linear or logistic "
            "regression. Default: [256, 256, 256].",
            "anyOf": [
                {"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": 8192}, "maxItems": 16},
                {"type": "null"},
            ],
            "default": None,
        },
        "optimizer": {
            "description": "Optimization algorithm. sgd uses momentum 0.9. auto selects sgd for a linear model with "
            "more inputs than training rows, otherwise adamw.",
            "enum": ["auto", "adam", "adamw", "sgd"],
            "default": "auto",
        },
        "weight_decay": {
            "description": "L2 penalty on the weights; reduces overfitting.",
            "type": "number",
            "minimum": 0,
            "default": 0.02,
        },
        "dropout": {
            "description": "Probability that a hidden unit is dropped in a training step; reduces overfitting.",
            "type": "number",
            "minimum": 0,
            "exclusiveMaximum": 1,
            "default": 0.15,
        },
        "class_weights": {
            "description": "balanced gives every class the same total weight in the loss, so that rare classes are "
            "found more often. Probabilities are then those of equally frequent classes.",
            "enum": ["none", "balanced"],
            "default": "none",
        },
        "patience": {
            "description": "Early stopping: number of epochs without a lower validation loss before training ends. "
            "0 disables early stopping.",
            "type": "integer",
            "minimum": 0,
            "default": 20,
        },
        "device": {
            "description": "Device for training. auto selects a GPU if available.",
            "enum": ["auto", "cpu", "cuda", "mps"],
            "default": "auto",
        },
        "threads": {
            "description": "Number of CPU threads. 1 is best for small networks and for many concurrent jobs.",
            "type": "integer",
            "minimum": 1,
            "maximum": 256,
            "default": 1,
        },
        "checkpoint_every_seconds": {
            "description": "Seconds between saves of the training state, from which a killed job can resume. Saves are "
            "less frequent if they would take more than 2% of the time. 0 disables them. A stop and the end of "
            "training always save.",
            "type": "number",
            "minimum": 0,
            "default": 10,
        },
        "checkpoint_every_epochs": {
            "description": "Number of epochs between additional saves of the training state. 0 disables them.",
            "type": "integer",
            "minimum": 0,
            "default": 0,
        },
        "log_every": {
            "description": "Number of epochs between log lines. 0 disables them.",
            "type": "integer",
            "minimum": 0,
            "default": 1,
        },
    },
}


@dataclass(frozen=True)
class Options:
    """Complete options: the given ones, and the defaults from `OPTIONS_SCHEMA`."""

    target: str | list[str] | None
    task: Literal["auto", "regression", "classification"]
    columns: dict[str, str] | None
    missing: list[str] | None
    encoding: str | None
    header: bool | int | None
    validation_fraction: float
    test_fraction: float
    folds: int | None
    group: str | None
    time: str | None
    refit: bool
    hidden: list[int] | None
    optimizer: str
    weight_decay: float
    dropout: float
    class_weights: Literal["none", "balanced"]
    patience: int
    device: str
    threads: int
    checkpoint_every_seconds: float
    checkpoint_every_epochs: int
    log_every: int

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Options:
        """Add the defaults to the options of a spec. The server has validated the values against the schema.

        Raises:
            InvalidOptionsError: an option is unknown, with a similar one in the message, or two options contradict each
                other.
        """
        known = OPTIONS_SCHEMA["properties"]
        for name in given:
            if name not in known:
                near = difflib.get_close_matches(name, known, n=1)
                hint = f"Did you mean {near[0]!r}?" if near else f"Available options: {', '.join(known)}."
                raise InvalidOptionsError(f"Unknown option {name!r} of the tabular trainer. {hint}")
        options = cls(**{name: given.get(name, schema["default"]) for name, schema in known.items()})
        if options.validation_fraction + options.test_fraction >= 1:
            raise InvalidOptionsError(
                f"validation_fraction ({options.validation_fraction:g}) and test_fraction "
                f"({options.test_fraction:g}) leave no rows for training: their sum must be below 1."
            )
        if options.folds == 1:
            raise InvalidOptionsError("folds must be 0 for no cross-validation, or at least 2.")
        if options.group is not None and options.time is not None:
            raise InvalidOptionsError("The options group and time exclude each other: use one of them.")
        if options.time is not None and options.folds:
            raise InvalidOptionsError("The option time has no cross-validation: leave out folds.")
        return options
