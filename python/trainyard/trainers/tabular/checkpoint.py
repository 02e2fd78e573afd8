"""Save and load a trained model: `.pt` for PyTorch, and `.safetensors`, which is safe to share.

Both contain the weights and the schema, and either is sufficient for prediction. Loading never runs code from a file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from trainyard.trainers.tabular.architecture import Architecture
from trainyard.trainers.tabular.network import TabularNetwork
from trainyard.trainers.tabular.network_v1 import TabularNetworkV1
from trainyard.trainers.tabular.replace_file import replace_file
from trainyard.trainers.tabular.schema import ModelSchema

# The key of this program in the metadata of a .safetensors file.
_METADATA_KEY = "trainyard"


class InvalidModelError(ValueError):
    """The file is not a model that this program can load; the message gives the reason."""


def save_checkpoint(
    checkpoint: Path,
    staging: Path,
    schema: ModelSchema,
    weights: Mapping[str, Tensor],
    training: Mapping[str, Any],
) -> None:
    """Write the `.safetensors` file and then `checkpoint` (`.pt`), each atomically.

    Args:
        checkpoint: path of the model; an existing file is replaced.
        staging: folder for temporary files, on the same file system.
        schema: everything prediction needs besides the weights.
        weights: state of the network, by name.
        training: information about the training: numbers and texts by name.

    Raises:
        OSError: a file cannot be written. The old `.pt` file is then unchanged.
    """
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in weights.items()}
    facts = {**schema.to_json(), "training": dict(training)}
    metadata = {"format": "pt", _METADATA_KEY: json.dumps(facts)}
    safe = checkpoint.with_suffix(".safetensors")
    replace_file(safe, staging, lambda file: file.write(save(tensors, metadata)))
    replace_file(checkpoint, staging, lambda file: torch.save({**facts, "weights": tensors}, file))


def load_checkpoint(path: Path) -> tuple[ModelSchema, nn.Module]:
    """Load a model from a `.safetensors` or `.pt` file. The network is in evaluation mode, on the CPU.

    Raises:
        InvalidModelError: the file is missing, damaged, not a tabular model, or would run code.
    """
    if not path.is_file():
        raise InvalidModelError(f"Model file not found: {path}.")
    if path.suffix == ".txt":
        raise InvalidModelError(f"{path.name} is the placeholder of a simulated job: no model was trained.")
    facts, weights = _read_safetensors(path) if path.suffix == ".safetensors" else _read_pt(path)
    try:
        schema = ModelSchema.from_json(facts)
        network = _network(schema)
        network.load_state_dict(weights)
    except (ValueError, KeyError, TypeError, AttributeError, RuntimeError) as error:
        raise InvalidModelError(f"{path.name} is not a model of the tabular trainer: {error}.") from error
    return schema, network.eval()


def _network(schema: ModelSchema) -> nn.Module:
    """Return the network of a schema, with initial weights."""
    if isinstance(schema.network, Architecture):
        return TabularNetwork(schema.network)
    return TabularNetworkV1(schema.inputs, schema.outputs, schema.network)


def _read_safetensors(path: Path) -> tuple[dict[str, Any], dict[str, Tensor]]:
    try:
        with safe_open(path, framework="pt") as file:
            facts = json.loads((file.metadata() or {})[_METADATA_KEY])
            return facts, {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
    except (SafetensorError, KeyError, ValueError, OSError) as error:
        raise InvalidModelError(f"{path.name} is damaged or not a model of the tabular trainer ({error}).") from error


def _read_pt(path: Path) -> tuple[dict[str, Any], dict[str, Tensor]]:
    try:
        facts = torch.load(path, map_location="cpu", weights_only=True)
        return facts, facts.pop("weights")
    # torch.load has no exception class of its own: the type depends on where an invalid file fails to parse.
    except Exception as error:
        raise InvalidModelError(
            f"{path.name} is damaged, not a model of the tabular trainer, or would run code when loaded, "
            f"which is not allowed ({type(error).__name__})."
        ) from error
