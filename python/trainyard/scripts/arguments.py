"""Convert the settings of a job to the argument list of a script. There is never a shell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from trainyard.scripts.accepted import Accepted, accepted_settings
from trainyard.scripts.option import Option
from trainyard.scripts.spec import ScriptSpec
from trainyard.scripts.standard import SETTINGS, output_option, resume_option
from trainyard.scripts.template import expand, placeholders

_MAX_ARGUMENTS = 10_000
_MAX_LENGTH = 100_000  # Linux allows 131,072 bytes for each argument of a process


class ArgumentsError(Exception):
    """A setting cannot be passed to the script."""

    is_for_users = True


@dataclass(frozen=True)
class Places:
    """Paths that are filled in. None: there is none."""

    dataset: str | None = None
    output_dir: str | None = None
    resume_from: str | None = None
    """Checkpoint of an earlier attempt; None in the first one."""


def build_arguments(accepted: Accepted, spec: ScriptSpec, places: Places) -> list[str]:
    """Return the argument list of a script, without its name.

    The order is: positional arguments, the template of the metadata, options with several values, other options, and
    the arguments of the user, so that these override the others. The output folder and the checkpoint go to options of
    the usual names, unless the user gives them.

    Raises:
        ArgumentsError: the script does not accept a setting or an option; the message names what it accepts.
    """
    template = accepted.metadata.arguments or ()
    values = _template_values(spec, places)
    given = _given_options(accepted, spec, values, placeholders(template))
    expanded = expand(template, values)
    written = [*expanded, *spec.arguments]
    _fill_in(given, accepted, written, places)
    positional = [_texts(option, value) for option, value in given if option.is_positional]
    several = [_texts(option, value) for option, value in given if option.kind == "values" and not option.is_positional]
    others = [_texts(option, value) for option, value in given if option.kind != "values" and not option.is_positional]
    arguments = [
        *_flat(positional),
        *expanded,
        *_flat(several),
        *_flat(others),
        *spec.arguments,
    ]
    _check(arguments)
    return arguments


def reads_checkpoint(accepted: Accepted, spec: ScriptSpec) -> bool:
    """Whether a later attempt gets a checkpoint: the script has an option for one, which the job does not set."""
    template = accepted.metadata.arguments or ()
    option = resume_option(accepted.options)
    if "resume_from" in placeholders(template):
        return True
    if option is None or (spec.options or {}).get(option.name) is not None:
        return False
    return not is_given(option, [*template, *spec.arguments])


def _template_values(spec: ScriptSpec, places: Places) -> dict[str, str | None]:
    return {
        "epochs": _number_or_none(spec.epochs),
        "batch_size": _number_or_none(spec.batch_size),
        "learning_rate": _number_or_none(spec.learning_rate),
        "seed": _number_or_none(spec.seed),
        "dataset": places.dataset,
        "output_dir": places.output_dir,
        "resume_from": places.resume_from,
        "job_id": spec.job_id,
    }


def _given_options(
    accepted: Accepted, spec: ScriptSpec, values: Mapping[str, str | None], in_template: set[str]
) -> list[tuple[Option, Any]]:
    """Return the options that the job sets, with their values."""
    given: list[tuple[Option, Any]] = []
    for setting in SETTINGS:
        if values[setting] is None or setting in in_template:
            continue
        if setting not in accepted.settings:
            known = ", ".join(accepted_settings(accepted)) or "none of the standard settings"
            raise ArgumentsError(
                f"The trainer {spec.trainer!r} has no option for {setting}. It accepts: {known}. "
                f"Leave {setting} out, or pass it in `arguments`."
            )
        value = _setting_value(setting, spec, values)
        given.append((accepted.settings[setting], value))
    by_name = {option.name: option for option in (*accepted.settings.values(), *accepted.options)}
    for name, value in (spec.options or {}).items():
        if name not in by_name:
            known = ", ".join(option.name for option in accepted.options) or "none"
            raise ArgumentsError(f"The trainer {spec.trainer!r} has no option {name!r}. Its options: {known}.")
        if value is not None:
            given.append((by_name[name], value))
    return given


def _setting_value(setting: str, spec: ScriptSpec, values: Mapping[str, str | None]) -> Any:
    """Return the value of a standard setting: the path of the dataset, or the number of the spec."""
    return values["dataset"] if setting == "dataset" else getattr(spec, setting)


def _fill_in(given: list[tuple[Option, Any]], accepted: Accepted, written: list[str], places: Places) -> None:
    """Add the output folder and the checkpoint, if the script has options for them that the user does not set."""
    for option, path in (
        (output_option(accepted.options), places.output_dir),
        (resume_option(accepted.options), places.resume_from),
    ):
        if option is None or path is None or any(other is option for other, _ in given) or is_given(option, written):
            continue
        given.append((option, True if option.kind == "switch" else path))


def is_given(option: Option, arguments: Iterable[str]) -> bool:
    """Whether an argument list contains an option, also if its flag is abbreviated."""
    for argument in arguments:
        name = argument.split("=", 1)[0]
        for flag in (*option.flags, *filter(None, [option.off_flag])):
            if name == flag or (len(name) > 3 and name.startswith("--") and flag.startswith(name)):
                return True
            if len(flag) == 2 and flag[1] != "-" and argument.startswith(flag):
                return True
    return False


def _texts(option: Option, value: Any) -> list[str]:
    """Return the arguments that set an option to a value."""
    flag = option.flag
    if option.kind == "switch":
        return _switch(option, value)
    if option.kind == "count":
        return [flag or ""] * int(value)
    if option.kind == "value":
        return _one(option, flag, _text(option, option.schema, value))
    if not isinstance(value, list):
        raise ArgumentsError(f"The option {option.name!r} needs a list, but is {value!r}.")
    texts = [_text(option, option.schema.get("items", {}), item) for item in value]
    if option.kind == "repeat":
        return _flat(_one(option, flag, text) for text in texts)
    for text in texts:
        _refuse_flag(option, text)
    return [*filter(None, [flag]), *texts]


def _one(option: Option, flag: str | None, text: str) -> list[str]:
    if flag is None:
        _refuse_flag(option, text)
        return [text]
    if flag.startswith("--"):
        return [f"{flag}={text}"]  # in one argument, so that a text can start with a hyphen
    return [flag + text] if text and len(flag) == 2 else [flag, text]


def _refuse_flag(option: Option, text: str) -> None:
    if text.startswith("-") and not text[1:2].isdigit() and text != "-":
        raise ArgumentsError(f"{text!r} of the option {option.name!r} starts with a hyphen, as only flags may.")


def _switch(option: Option, value: Any) -> list[str]:
    if not isinstance(value, bool):
        raise ArgumentsError(f"The option {option.name!r} must be true or false, but is {value!r}.")
    flag = option.flag if value else option.off_flag
    if flag is not None:
        return [flag]
    if option.schema.get("default", False) is value:
        return []
    raise ArgumentsError(f"The option {option.name!r} cannot be {str(value).lower()}: the script has no flag for it.")


def _text(option: Option, schema: Mapping[str, Any], value: Any) -> str:
    if isinstance(value, bool):
        return option.words[0] if value else option.words[1]
    if isinstance(value, (int, float)):
        whole = schema.get("type") == "integer" and value == int(value)
        return str(int(value)) if whole else repr(value)
    if isinstance(value, str):
        return value
    raise ArgumentsError(f"The option {option.name!r} must be a text, a number, or true or false, but is {value!r}.")


def _number_or_none(value: float | None) -> str | None:
    return None if value is None else repr(value)


def _flat(parts: Iterable[list[str]]) -> list[str]:
    return [text for part in parts for text in part]


def _check(arguments: list[str]) -> None:
    if len(arguments) > _MAX_ARGUMENTS:
        raise ArgumentsError(f"The script would get {len(arguments)} arguments: the limit is {_MAX_ARGUMENTS}.")
    for argument in arguments:
        if "\0" in argument:
            raise ArgumentsError("An argument contains a NUL character, which no program can receive.")
        if len(argument.encode("utf-8", "surrogatepass")) > _MAX_LENGTH:
            raise ArgumentsError(f"The argument {argument[:40]!r}... is longer than {_MAX_LENGTH} bytes: use a file.")
