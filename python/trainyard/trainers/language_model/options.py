"""Options of the language-model trainer. `OPTIONS_SCHEMA` defines their types, limits and defaults."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from trainyard.trainers.invalid_options import InvalidOptionsError

DEFAULTS: dict[str, int | float] = {"epochs": 3, "batch_size": 8, "learning_rate": 0.0005, "seed": 0}
"""Default number of epochs, batch size in sequences, learning rate and seed."""

OPTIONS_SCHEMA: dict[str, Any] = {
    "title": "Options of the language-model trainer",
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "model": {
            "description": "Model to fine-tune: a folder in models/, the ID of a job that trained one, or the name of "
            "a model that is already in the Hugging Face cache, such as org/name. Default: a new model.",
            "anyOf": [{"type": "string", "minLength": 1, "maxLength": 200}, {"type": "null"}],
            "default": None,
        },
        "configuration": {
            "description": "Size of a new model, with a tokenizer trained on the data: tiny has about 0.2 million "
            "parameters, small 14 million, gpt2 110 million. Ignored with model.",
            "enum": ["tiny", "small", "gpt2"],
            "default": "tiny",
        },
        "sequence_length": {
            "description": "Maximum number of tokens in a training sequence.",
            "type": "integer",
            "minimum": 8,
            "maximum": 131072,
            "default": 256,
        },
        "packing": {
            "description": "Concatenate texts into sequences of full length, which is faster. Otherwise each text is a "
            "sequence of its own, padded.",
            "type": "boolean",
            "default": True,
        },
        "validation_fraction": {
            "description": "Fraction of the texts (of a text file: its last part) for validation. The model is not "
            "trained on it.",
            "type": "number",
            "exclusiveMinimum": 0,
            "exclusiveMaximum": 1,
            "default": 0.1,
        },
        "gradient_accumulation": {
            "description": "Batches per optimizer step. The result is that of a batch this many times larger, with the "
            "memory of one.",
            "type": "integer",
            "minimum": 1,
            "maximum": 4096,
            "default": 1,
        },
        "lora_rank": {
            "description": "Train low-rank adapters (LoRA) of this rank on all linear layers instead of all weights. "
            "0 trains all weights. Needs model.",
            "type": "integer",
            "minimum": 0,
            "maximum": 1024,
            "default": 0,
        },
        "lora_alpha": {
            "description": "Scale of the adapters. Default: twice the rank.",
            "anyOf": [{"type": "number", "exclusiveMinimum": 0}, {"type": "null"}],
            "default": None,
        },
        "lora_dropout": {
            "description": "Probability that an input of an adapter is dropped in a training step.",
            "type": "number",
            "minimum": 0,
            "exclusiveMaximum": 1,
            "default": 0.0,
        },
        "schedule": {
            "description": "Learning rate after the warm-up: linear and cosine decrease to 0 at the last step.",
            "enum": ["linear", "cosine", "constant"],
            "default": "linear",
        },
        "warmup_fraction": {
            "description": "Fraction of the steps in which the learning rate increases from 0.",
            "type": "number",
            "minimum": 0,
            "maximum": 1,
            "default": 0.03,
        },
        "weight_decay": {
            "description": "Weight decay of AdamW; reduces overfitting.",
            "type": "number",
            "minimum": 0,
            "default": 0.01,
        },
        "max_grad_norm": {
            "description": "Limit on the norm of the gradient. 0 disables it.",
            "type": "number",
            "minimum": 0,
            "default": 1.0,
        },
        "prompt": {
            "description": "Start of the sample text, or the question in a chat. Default: the start of a validation "
            "text.",
            "anyOf": [{"type": "string", "minLength": 1, "maxLength": 10000}, {"type": "null"}],
            "default": None,
        },
        "sample_tokens": {
            "description": "Tokens of the sample text after each epoch. 0 disables it.",
            "type": "integer",
            "minimum": 0,
            "maximum": 4096,
            "default": 64,
        },
        "precision": {
            "description": "Number format of the computation. auto selects bfloat16 on a GPU that supports it.",
            "enum": ["auto", "float32", "bfloat16"],
            "default": "auto",
        },
        "device": {
            "description": "Device for training. auto selects a GPU if available.",
            "enum": ["auto", "cpu", "cuda", "mps"],
            "default": "auto",
        },
        "threads": {
            "description": "Number of CPU threads. Default: PyTorch's choice, usually one for each core.",
            "anyOf": [{"type": "integer", "minimum": 1, "maximum": 256}, {"type": "null"}],
            "default": None,
        },
        "checkpoint_every_seconds": {
            "description": "Seconds between saves of model and training state, from which a killed job can resume. "
            "Saves are less frequent if they would take more than 2% of the time. 0 disables them. A stop and the end "
            "of training always save.",
            "type": "number",
            "minimum": 0,
            "default": 60,
        },
    },
}


@dataclass(frozen=True)
class Options:
    """Complete options: the given ones, and the defaults from `OPTIONS_SCHEMA`."""

    model: str | None
    configuration: str
    sequence_length: int
    packing: bool
    validation_fraction: float
    gradient_accumulation: int
    lora_rank: int
    lora_alpha: float | None
    lora_dropout: float
    schedule: Literal["linear", "cosine", "constant"]
    warmup_fraction: float
    weight_decay: float
    max_grad_norm: float
    prompt: str | None
    sample_tokens: int
    precision: str
    device: str
    threads: int | None
    checkpoint_every_seconds: float

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Options:
        """Add the defaults to the options of a spec. The server has validated the values against the schema.

        Raises:
            InvalidOptionsError: an option is unknown (the message suggests a similar one), or LoRA has no model to
                adapt.
        """
        known = OPTIONS_SCHEMA["properties"]
        for name in given:
            if name not in known:
                near = difflib.get_close_matches(name, known, n=1)
                hint = f"Did you mean {near[0]!r}?" if near else f"Available options: {', '.join(known)}."
                raise InvalidOptionsError(f"Unknown option {name!r} of the language-model trainer. {hint}")
        options = cls(**{name: given.get(name, schema["default"]) for name, schema in known.items()})
        if options.lora_rank and options.model is None:
            raise InvalidOptionsError(
                "lora_rank needs the option model: a new model has nothing that adapters could adapt."
            )
        return options
