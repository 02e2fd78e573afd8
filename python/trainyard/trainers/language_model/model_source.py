"""The model of a training and its tokenizer: new, or loaded from this machine. Nothing is downloaded."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from huggingface_hub import snapshot_download
from transformers import AutoModelForCausalLM, AutoTokenizer, GPT2Config, GPT2LMHeadModel

from trainyard.files import Home
from trainyard.trainers.language_model.tokenizer import CHAT_TEMPLATE

_JOB_ID = re.compile(r"job_[0-9]+_[0-9a-f]+")
_HUB_NAME = re.compile(r"[\w.-]+(/[\w.-]+)?")
_EDGE_BYTES = 1 << 20


class UnusableModelError(ValueError):
    """The model to fine-tune is missing, cannot be loaded, or does not fit the options."""

    is_for_users = True


@dataclass(frozen=True)
class Size:
    """Size of a new model: layers, attention heads in each, units in each, and tokens in the vocabulary at most."""

    layers: int
    heads: int
    width: int
    vocabulary: int


SIZES = {
    "tiny": Size(2, 2, 64, 1024),
    "small": Size(6, 6, 384, 8192),
    "gpt2": Size(12, 12, 768, 32768),
}
"""The values of the option `configuration`."""


def new_model(size: Size, vocabulary: int, context: int, end_token: int) -> Any:
    """Return a GPT-2 with random weights from PyTorch's random state.

    Args:
        vocabulary: number of tokens.
        context: maximum number of tokens in a sequence.
        end_token: the token that ends a text.
    """
    return GPT2LMHeadModel(
        GPT2Config(
            vocab_size=vocabulary,
            n_positions=context,
            n_embd=size.width,
            n_layer=size.layers,
            n_head=size.heads,
            bos_token_id=end_token,
            eos_token_id=end_token,
        )
    )


def find_model(home: Home, name: str) -> Path:
    """Return the folder of a model: in `models/`, of an earlier job, or in the Hugging Face cache.

    Raises:
        UnusableModelError: there is none, or its name leads out of these folders.
    """
    root = Path(os.path.realpath(home.path / "models"))
    folder = Path(os.path.realpath(root / name))
    if folder.is_relative_to(root) and folder != root and (folder / "config.json").is_file():
        return folder
    if _JOB_ID.fullmatch(name) and (home.outputs(name) / "model" / "config.json").is_file():
        return home.outputs(name) / "model"
    if _HUB_NAME.fullmatch(name) and ".." not in name:
        try:
            return Path(snapshot_download(name, local_files_only=True))
        # The library raises errors of many types for a name that is not in the cache.
        except Exception as error:
            reason = f"nor a job with a model, and it is not in the Hugging Face cache ({type(error).__name__})"
    else:
        reason = "nor the ID of a job, nor a name in the Hugging Face cache"
    raise UnusableModelError(
        f"Model {name!r} not found: it is neither a folder with a config.json in models/ of the home, {reason}. "
        "Trainyard downloads nothing: copy the folder of the model into models/."
    )


def load_tokenizer(folder: Path) -> Any:
    """Load the tokenizer of a model. One without a chat template gets `CHAT_TEMPLATE`.

    Raises:
        UnusableModelError: it is missing or cannot be loaded, or has no end token.
    """
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except Exception as error:  # depends on the files
        raise UnusableModelError(f"Cannot load the tokenizer of the model {folder.name!r}: {error}") from error
    # For a folder without the files of a tokenizer, Transformers returns one with special tokens only.
    if len(tokenizer) <= len(tokenizer.all_special_tokens):
        raise UnusableModelError(
            f"The folder of the model {folder.name!r} has no tokenizer. Copy its files, such as tokenizer.json, too."
        )
    if tokenizer.eos_token_id is None:
        raise UnusableModelError(f"The tokenizer of the model {folder.name!r} has no end token (eos_token).")
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    if not tokenizer.chat_template:
        tokenizer.chat_template = CHAT_TEMPLATE
    return tokenizer


def load_model(folder: Path, dtype: torch.dtype, context: int) -> Any:
    """Load the weights of a model from `.safetensors` files; other formats could run code.

    Args:
        dtype: number format of the weights.
        context: length of the longest sequence, in tokens.

    Raises:
        UnusableModelError: the model cannot be loaded, or its sequences are shorter than `context`.
    """
    try:
        model: Any = AutoModelForCausalLM.from_pretrained(
            folder, dtype=dtype, use_safetensors=True, local_files_only=True, trust_remote_code=False
        )
    except Exception as error:  # depends on the files
        raise UnusableModelError(f"Cannot load the model {folder.name!r}: {error}") from error
    limit = getattr(model.config, "max_position_embeddings", None)
    if isinstance(limit, int) and limit < context:
        raise UnusableModelError(
            f"sequence_length must be at most {limit}, the context of the model {folder.name!r}; it was {context}."
        )
    return model


def fingerprint(folder: Path) -> str:
    """Return a digest that changes if the model is replaced: names, sizes, first and last MiB of its main files."""
    digest = hashlib.sha256()
    for path in sorted([folder / "config.json", *folder.glob("*.safetensors")]):
        size = path.stat().st_size
        digest.update(f"{path.name} {size}\n".encode())
        with path.open("rb") as file:
            digest.update(file.read(_EDGE_BYTES))
            file.seek(max(0, size - _EDGE_BYTES))
            digest.update(file.read(_EDGE_BYTES))
    return digest.hexdigest()
