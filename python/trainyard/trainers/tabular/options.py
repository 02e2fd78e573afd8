"""The options of the tabular trainer. The schema is the one place of their types, limits and defaults."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

DEFAULTS: dict[str, int | float] = {"epochs": 100, "batch_size": 32, "learning_rate": 0.03, "seed": 0}
"""What a job gets that does not say: epochs, rows in a batch, learning rate, seed."""

OPTIONS_SCHEMA: dict[str, Any] = {
    "title": "Options of the tabular trainer",
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "target": {
            "description": "The column to predict, or several columns of numbers at once. The last column by default.",
            "anyOf": [
                {"type": "string", "minLength": 1},
                {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1, "uniqueItems": True},
                {"type": "null"},
            ],
            "default": None,
        },
        "task": {
            "description": "What to learn. By default text, booleans and a few whole numbers from 0 or 1 on are "
            "classes, and all other numbers are quantities.",
            "enum": ["auto", "regression", "classification"],
            "default": "auto",
        },
        "validation_fraction": {
            "description": "Share of the rows that is kept from the training to measure the model on.",
            "type": "number",
            "exclusiveMinimum": 0,
            "exclusiveMaximum": 1,
            "default": 0.2,
        },
        "hidden": {
            "description": "Units of each hidden layer, such as [64, 64]; [] is plain linear or logistic regression. "
            "By default [] for up to 200 training rows and [128, 64] for more.",
            "anyOf": [
                {"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": 8192}, "maxItems": 16},
                {"type": "null"},
            ],
            "default": None,
        },
        "optimizer": {
            "description": "How weights are updated; sgd has a momentum of 0.9.",
            "enum": ["adam", "adamw", "sgd"],
            "default": "adamw",
        },
        "weight_decay": {
            "description": "Pull of all weights towards zero, against learning by heart.",
            "type": "number",
            "minimum": 0,
            "default": 0.01,
        },
        "dropout": {
            "description": "Share of hidden units left out at random in each training step.",
            "type": "number",
            "minimum": 0,
            "exclusiveMaximum": 1,
            "default": 0.1,
        },
        "patience": {
            "description": "Epochs without a better validation loss after which the training ends early; 0 for never.",
            "type": "integer",
            "minimum": 0,
            "default": 20,
        },
        "device": {
            "description": "Where to compute; auto takes a GPU where there is one.",
            "enum": ["auto", "cpu", "cuda", "mps"],
            "default": "auto",
        },
        "threads": {
            "description": "Processor cores to use. One is best for small networks, and for many jobs at once.",
            "type": "integer",
            "minimum": 1,
            "maximum": 256,
            "default": 1,
        },
        "checkpoint_every_seconds": {
            "description": "Seconds between two saves of the training in progress, from which a job that was killed "
            "goes on; more where saving would take over a fiftieth of the time, and 0 for none. A stop and the end "
            "always save.",
            "type": "number",
            "minimum": 0,
            "default": 10,
        },
        "checkpoint_every_epochs": {
            "description": "Save also at the end of every so many epochs, whatever it costs; 0 for no more.",
            "type": "integer",
            "minimum": 0,
            "default": 0,
        },
        "log_every": {
            "description": "Epochs between two lines in the log; 0 for none.",
            "type": "integer",
            "minimum": 0,
            "default": 1,
        },
    },
}


@dataclass(frozen=True)
class Options:
    """Options as they apply: what was given, and the defaults of `OPTIONS_SCHEMA` for the rest."""

    target: str | list[str] | None
    task: Literal["auto", "regression", "classification"]
    validation_fraction: float
    hidden: list[int] | None
    optimizer: str
    weight_decay: float
    dropout: float
    patience: int
    device: str
    threads: int
    checkpoint_every_seconds: float
    checkpoint_every_epochs: int
    log_every: int

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Options:
        """Complete the options of a spec, whose values have been checked against the schema when it was written.

        Raises:
            ValueError: an option is unknown; the message names the nearest one.
        """
        known = OPTIONS_SCHEMA["properties"]
        for name in given:
            if name not in known:
                near = difflib.get_close_matches(name, known, n=1)
                hint = f"Did you mean {near[0]!r}?" if near else f"There are: {', '.join(known)}."
                raise ValueError(f"The tabular trainer has no option {name!r}. {hint}")
        return cls(**{name: given.get(name, schema["default"]) for name, schema in known.items()})
