"""One attempt of a job: read the data, load the model and the state of earlier attempts, and train."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers.utils.logging import disable_progress_bar

from trainyard.data import InvalidDatasetError
from trainyard.files import Home
from trainyard.reporter.reporter import Reporter, StopTraining
from trainyard.spec import Spec
from trainyard.trainers.language_model.documents import read_documents, split_documents
from trainyard.trainers.language_model.examples import Examples, make_examples, marks_assistant
from trainyard.trainers.language_model.learner import Learner, picks_bfloat16
from trainyard.trainers.language_model.model_source import (
    SIZES,
    UnusableModelError,
    find_model,
    fingerprint,
    load_model,
    load_tokenizer,
    new_model,
)
from trainyard.trainers.language_model.options import Options
from trainyard.trainers.language_model.sample import Prompt, make_prompt
from trainyard.trainers.language_model.tokenizer import tokenizer_from_json, tokenizer_to_json, train_tokenizer
from trainyard.trainers.language_model.training import Training
from trainyard.trainers.tabular.attempt import find_state
from trainyard.trainers.tabular.data_identity import file_sha256
from trainyard.trainers.tabular.device import pick_device
from trainyard.trainers.tabular.training_state import state_path

_FEW_TOKENS = 2000  # of a training: about 300 sentences


@dataclass(frozen=True)
class Prepared:
    """Tokenizer, tokenized sequences and prompt of a job."""

    tokenizer: Any
    training: Examples
    validation: Examples
    prompt: Prompt
    identity: dict[str, Any]
    """Saved with the training state; a training continues only with exactly the same data and model."""


def train(spec: Spec, dataset: Path, checkpoint: Path, report: Reporter) -> None:
    """Prepare the data, train, and save the model. See `trainyard.trainers.language_model.train`."""
    options = Options.read(spec.options)
    disable_progress_bar()  # of reading and writing weights, in the log
    if options.threads is not None:
        torch.set_num_threads(options.threads)
    device = pick_device(options.device)
    home = Home(checkpoint.parent.parent)
    folder = None if options.model is None else find_model(home, options.model)
    digest = file_sha256(dataset)
    state = find_state(checkpoint, dataset, digest) if report.attempt > 1 else None
    source = None if folder is None else fingerprint(folder)
    if state is not None and state["data"].get("model") != source:
        raise UnusableModelError(
            f"The model {options.model!r} has changed since the job started. Restore it and resume the job, or start a "
            "new job."
        )

    def check_stop() -> None:
        if report.should_stop:
            raise StopTraining("Stop requested before the first step; there is nothing to save.")

    saved_tokenizer = None if state is None else state.get("tokenizer")
    data = prepare(spec, options, dataset, folder, saved_tokenizer, check_stop)
    identity = {"file_sha256": digest, "model": source, **data.identity}

    def create_training() -> Training:
        torch.manual_seed(spec.seed)
        is_bfloat16 = picks_bfloat16(options.precision, device)
        if folder is None:
            model = new_model(
                SIZES[options.configuration],
                len(data.tokenizer),
                options.sequence_length,
                data.tokenizer.eos_token_id,
            )
        else:
            # Weights that are not trained need no more precision than the computation.
            halves = is_bfloat16 and options.lora_rank > 0
            model = load_model(folder, torch.bfloat16 if halves else torch.float32, options.sequence_length)
        learner = Learner(model, options, device, is_bfloat16)
        saved = None if folder is not None else tokenizer_to_json(data.tokenizer)
        return Training(
            spec, options, learner, data.tokenizer, data.training, data.validation, data.prompt,
            {"data": identity, "tokenizer": saved}, checkpoint, report,
        )  # fmt: skip

    check_stop()
    training = create_training()
    if state is not None:
        try:
            if state["data"] != identity:
                raise ValueError("another version of Trainyard or of a library prepared its data")
            training.load_state_dict(state)
        # The checksum matches, so another version wrote the state. The exception type depends on the part that differs.
        except (ValueError, KeyError, TypeError, AttributeError, RuntimeError) as error:
            name = state_path(checkpoint).name
            print(f"Cannot use the training state {name}: {error}. Training starts from the beginning.")
            training = create_training()  # the failed load may have changed the first one
    training.run()


def prepare(
    spec: Spec, options: Options, dataset: Path, folder: Path | None, saved_tokenizer: str | None, check_stop: Any
) -> Prepared:
    """Read and tokenize a dataset.

    Args:
        folder: the model to fine-tune; None for a new one, with a tokenizer trained on the data.
        saved_tokenizer: the tokenizer that an earlier attempt trained.
        check_stop: called often; raises to end.

    Raises:
        InvalidDatasetError: the dataset is invalid or too small.
        UnusableModelError: the tokenizer cannot be loaded.
    """
    documents = read_documents(dataset, check_stop)
    training, validation = split_documents(documents, options.validation_fraction, spec.seed, dataset)
    if folder is not None:
        tokenizer = load_tokenizer(folder)
    elif saved_tokenizer is not None:
        tokenizer = tokenizer_from_json(saved_tokenizer)
    else:
        size = SIZES[options.configuration].vocabulary
        tokenizer = train_tokenizer((document.text for document in training), size)
    learned, validated = (
        make_examples(part, tokenizer, options.sequence_length, options.packing, dataset, check_stop)
        for part in (training, validation)
    )
    for part, name in ((learned, "training"), (validated, "validation")):
        if not len(part):
            raise InvalidDatasetError(
                f"the {name} texts have no token to learn. Add text, or increase "
                f"{'sequence_length' if name == 'training' else 'validation_fraction'}.",
                path=dataset,
            )
    texts = "text" if len(training) == 1 else "texts"
    print(
        f"{dataset.name}: {len(training)} {texts} for training ({len(learned.tokens)} tokens, {len(learned)} sequences)"
        f" and {len(validation)} for validation ({len(validated.tokens)} tokens). Vocabulary: {len(tokenizer)} tokens."
    )
    if folder is None and len(learned.tokens) < _FEW_TOKENS:
        print("This is very little text for a new model, which needs some thousand sentences. Expect senseless texts.")
    if not isinstance(validation[0].content, str) and not marks_assistant(tokenizer):
        print("The chat template of the model does not mark answers: the loss counts all tokens of a chat.")
    return Prepared(
        tokenizer,
        learned,
        validated,
        make_prompt(options.prompt, validation[0], tokenizer),
        {"training_sha256": learned.digest(), "validation_sha256": validated.digest()},
    )
