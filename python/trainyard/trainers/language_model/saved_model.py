"""Save a model in the format of Transformers, so that `from_pretrained` and this trainer can load it."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from typing import Any

_WEIGHTS = "model.safetensors"


def save_model(model: Any, tokenizer: Any, has_adapters: bool, outputs: Path, checkpoint: Path) -> Path:
    """Write the folder `model` with weights, configuration and tokenizer, and the weights next to the checkpoint.

    With adapters, `model` contains the merged weights, and the folder `adapter` the adapters alone.

    Args:
        outputs: output folder of the job; folders of an earlier save are replaced when the new ones are complete.
        checkpoint: its suffix is replaced by `.safetensors`.

    Returns:
        The file of the weights next to the checkpoint: a hard link to that in `model` where the file system has them.

    Raises:
        OSError: a file cannot be written.
    """
    outputs.mkdir(parents=True, exist_ok=True)
    # One file: the API serves the weights of a job as one.
    options = {"safe_serialization": True, "max_shard_size": "1000GB"}
    staged = _empty(outputs / ".model.new")
    if has_adapters:
        adapter = _empty(outputs / ".adapter.new")
        model.save_pretrained(adapter)
        _replace(adapter, outputs / "adapter")
        _save_merged(model, staged, options)
    else:
        model.save_pretrained(staged, **options)
    tokenizer.save_pretrained(staged)
    _replace(staged, outputs / "model")
    return _link(outputs / "model" / _WEIGHTS, checkpoint.with_suffix(".safetensors"))


def _save_merged(model: Any, folder: Path, options: dict[str, Any]) -> None:
    # A copy: to merge and to unmerge would round the weights, and the training would not continue exactly. On the CPU,
    # because a GPU may not have the memory for a second model.
    device = model.device
    merged = deepcopy(model.to("cpu")).merge_and_unload()
    model.to(device)
    merged.save_pretrained(folder, **options)


def _empty(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def _replace(staged: Path, folder: Path) -> None:
    """Move a complete folder to its place. The old one is moved away first: a rename replaces only empty folders."""
    old = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    with suppress(FileNotFoundError):
        os.rename(folder, old)
    os.rename(staged, folder)
    shutil.rmtree(old, ignore_errors=True)


def _link(source: Path, target: Path) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    staged = target.with_name(f".{target.name}.new")
    staged.unlink(missing_ok=True)
    try:
        os.link(source, staged)
    except OSError:  # the file system has no hard links
        shutil.copyfile(source, staged)
    os.replace(staged, target)
    return target
