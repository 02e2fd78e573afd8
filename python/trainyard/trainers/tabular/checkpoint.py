"""A trained model in files: `.pt` for PyTorch and, beside it, `.safetensors`, which can be passed on safely.

Both hold the weights and the schema, and either is enough to predict. Reading never runs code from a file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from trainyard.trainers.tabular.network import TabularNetwork
from trainyard.trainers.tabular.replace_file import replace_file
from trainyard.trainers.tabular.schema import ModelSchema

# The one key of our own in the metadata of a .safetensors file.
_METADATA_KEY = "trainyard"


class InvalidModelError(ValueError):
    """A file that holds no model this program can use; the message says what to do."""


def save_checkpoint(
    checkpoint: Path,
    staging: Path,
    schema: ModelSchema,
    weights: Mapping[str, Tensor],
    training: Mapping[str, Any],
) -> None:
    """Write `checkpoint` (.pt) and its .safetensors, each complete or not at all, the one that is announced last.

    Args:
        checkpoint: where the model goes; replaced if it is there.
        staging: a folder on the same file system, for the files while they are written.
        schema: all that belongs to the weights.
        weights: the network's state, by name.
        training: how it was trained, for people: numbers and texts by name.

    Raises:
        OSError: the disk does not take it; the old files are untouched, the newer of them at least.
    """
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in weights.items()}
    facts = {**schema.to_json(), "training": dict(training)}
    metadata = {"format": "pt", _METADATA_KEY: json.dumps(facts)}
    safe = checkpoint.with_suffix(".safetensors")
    replace_file(safe, staging, lambda file: file.write(save(tensors, metadata)))
    replace_file(checkpoint, staging, lambda file: torch.save({**facts, "weights": tensors}, file))


def load_checkpoint(path: Path) -> tuple[ModelSchema, TabularNetwork]:
    """Read a model from a .safetensors or .pt file, whichever it is; the network is ready to predict, on the CPU.

    Raises:
        InvalidModelError: the file is missing or damaged, holds something else, or wants code to be run.
    """
    if not path.is_file():
        raise InvalidModelError(f"There is no model file {path}.")
    if path.suffix == ".txt":
        raise InvalidModelError(f"{path.name} is the placeholder of a simulated job: no model was trained.")
    facts, weights = _read_safetensors(path) if path.suffix == ".safetensors" else _read_pt(path)
    try:
        schema = ModelSchema.from_json(facts)
        network = TabularNetwork(schema.inputs, schema.outputs, schema.hidden)
        network.load_state_dict(weights)
    except (ValueError, KeyError, TypeError, AttributeError, RuntimeError) as error:
        raise InvalidModelError(f"{path.name} holds no model of the tabular trainer: {error}.") from error
    return schema, network.eval()


def _read_safetensors(path: Path) -> tuple[dict[str, Any], dict[str, Tensor]]:
    try:
        with safe_open(path, framework="pt") as file:
            facts = json.loads((file.metadata() or {})[_METADATA_KEY])
            return facts, {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
    except (SafetensorError, KeyError, ValueError, OSError) as error:
        raise InvalidModelError(f"{path.name} is no model of the tabular trainer, or is damaged ({error}).") from error


def _read_pt(path: Path) -> tuple[dict[str, Any], dict[str, Tensor]]:
    try:
        facts = torch.load(path, map_location="cpu", weights_only=True)
        return facts, facts.pop("weights")
    # torch.load has no exception of its own: what it raises depends on where a foreign file stops making sense.
    except Exception as error:
        raise InvalidModelError(
            f"{path.name} is no model of the tabular trainer, or is damaged, or would run code when it is loaded, "
            f"which is refused ({type(error).__name__})."
        ) from error
