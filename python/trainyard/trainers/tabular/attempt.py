"""One attempt of a job: prepare the data, load the state of earlier attempts, and train."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from trainyard.files import Home
from trainyard.provenance import record_settings
from trainyard.reporter.reporter import Reporter, StopTraining
from trainyard.spec import Spec
from trainyard.trainers.tabular.data_identity import DataIdentity, check_file, check_prepared, file_sha256
from trainyard.trainers.tabular.device import pick_device
from trainyard.trainers.tabular.options import Options
from trainyard.trainers.tabular.prepare import prepare
from trainyard.trainers.tabular.resolved_settings import resolved_settings
from trainyard.trainers.tabular.snapshot import restore
from trainyard.trainers.tabular.training import Training
from trainyard.trainers.tabular.training_state import DamagedStateError, read_state, state_path


def train(spec: Spec, dataset: Path, checkpoint: Path, report: Reporter) -> None:
    """Prepare the dataset, train, and save the checkpoint. See `trainyard.trainers.tabular.train`."""
    options = Options.read(spec.options)
    torch.set_num_threads(options.threads)
    device = pick_device(options.device)

    def stop_if_requested() -> None:
        if report.should_stop:
            raise StopTraining("Stop requested before the first step; there is nothing to save.")

    digest = file_sha256(dataset)
    state = find_state(checkpoint, dataset, digest) if report.attempt > 1 else None
    data = prepare(dataset, options, spec.seed, stop_if_requested)
    print(f"{dataset.name}: {data.summary}")
    for note in data.notes:
        print(note)
    stop_if_requested()
    identity = DataIdentity.of(digest, data)

    def create_training() -> Training:
        return Training(spec, options, data, identity, device, checkpoint, report)

    training = create_training()
    if state is not None:
        try:
            check_prepared(identity, state["data"])
            restore(training, state)
        # The checksum matches, so another version wrote the state. The exception type depends on the part that differs.
        except (ValueError, KeyError, TypeError, AttributeError, RuntimeError) as error:
            _log_unusable_state(checkpoint, str(error))
            training = create_training()  # the failed load may have changed the first one
    record_settings(Home(checkpoint.parent.parent), spec.job_id, resolved_settings(spec, options, data, training))
    training.run()


def find_state(checkpoint: Path, dataset: Path, digest: str) -> dict[str, Any] | None:
    """Return the training state that an earlier attempt saved; None, with a log line, if there is no usable state.

    Args:
        checkpoint: the training state is the file next to it.
        dataset: the file to train on.
        digest: `file_sha256` of the dataset.

    Raises:
        InvalidDatasetError: earlier attempts were trained on a different file.
    """
    path = state_path(checkpoint)
    try:
        state = read_state(path)
        if state is None:
            print("No training state of an earlier attempt found: training starts from the beginning.")
            return None
        check_file(dataset, digest, state["data"])
    except (DamagedStateError, KeyError, TypeError) as error:
        _log_unusable_state(checkpoint, str(error))
        return None
    return state


def _log_unusable_state(checkpoint: Path, reason: str) -> None:
    name = state_path(checkpoint).name
    print(f"Cannot use the training state {name}: {reason}. Training starts from the beginning.")
