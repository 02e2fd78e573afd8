"""Flags of the usual names: which options of a script are the standard settings of a job, and which are filled in."""

from __future__ import annotations

from typing import Any

from trainyard.scripts.option import Option

SETTINGS: tuple[str, ...] = ("epochs", "batch_size", "learning_rate", "seed", "dataset")
"""The standard settings of a job."""

# In the order of preference, if a script has several. Underscores stand for hyphens too.
_USUAL_NAMES: dict[str, tuple[str, ...]] = {
    "epochs": ("epochs", "num_train_epochs", "num_epochs", "n_epochs", "max_epochs", "nepochs", "epoch"),
    "batch_size": ("batch_size", "per_device_train_batch_size", "train_batch_size", "batchsize", "bs", "batch"),
    "learning_rate": ("lr", "learning_rate", "base_lr"),
    "seed": ("seed", "random_seed", "random_state", "manual_seed"),
    "dataset": (
        *("data", "dataset", "data_path", "dataset_path", "data_file", "dataset_file"),
        *("train_file", "train_data", "train_path", "training_file", "csv", "csv_file", "csv_path"),
    ),
}

OUTPUT_FLAGS = ("output_dir", "out_dir", "save_dir", "outdir", "savedir", "out")
"""Options that receive the output folder of the job, unless the user gives another."""

RESUME_FLAGS = ("resume_from_checkpoint", "resume_from", "resume", "ckpt_path", "resume_path")
"""Options that receive the newest checkpoint from the second attempt on, unless the user gives another."""


def match_settings(options: list[Option]) -> dict[str, Option]:
    """Return the option of each standard setting that a script has."""
    matched: dict[str, Option] = {}
    for setting, usual in _USUAL_NAMES.items():
        option = _first(options, usual, lambda option, setting=setting: _fits(setting, option))
        if option is not None:
            matched[setting] = option
    return matched


def output_option(options: list[Option]) -> Option | None:
    """Return the option that takes the output folder; None if there is none."""
    return _first(options, OUTPUT_FLAGS, _takes_text)


def resume_option(options: list[Option]) -> Option | None:
    """Return the option that takes a checkpoint to continue from, or that is a switch; None if there is none."""
    return _first(options, RESUME_FLAGS, lambda option: _takes_text(option) or _is_off_switch(option))


def default_of(setting: str, option: Option) -> int | float | None:
    """Return the default of a standard setting as a number; None if the script has none."""
    value = option.schema.get("default")
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    if setting == "learning_rate":
        return float(value)
    return int(value) if value == int(value) else None


def _first(options: list[Option], usual: tuple[str, ...], fits: Any) -> Option | None:
    for name in usual:
        for option in options:
            if name in _names(option) and fits(option):
                return option
    return None


def _names(option: Option) -> set[str]:
    long_flags = [flag for flag in option.flags if len(flag) > 2]
    names = long_flags if option.flags else [option.name]
    return {name.lstrip("-").replace("-", "_").lower() for name in (*names, option.name)}


def _fits(setting: str, option: Option) -> bool:
    if option.kind != "value" or option.schema.get("type") == "boolean":
        return False
    if setting == "dataset":
        # A list of choices names datasets of the script, not files.
        return _takes_text(option)
    return not option.is_positional


def _takes_text(option: Option) -> bool:
    return option.kind == "value" and option.schema.get("type") == "string" and "enum" not in option.schema


def _is_off_switch(option: Option) -> bool:
    return option.kind == "switch" and option.flag is not None and option.schema.get("default") is False
