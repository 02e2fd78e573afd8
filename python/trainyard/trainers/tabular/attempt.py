"""One attempt at a job: its data, what earlier attempts have saved, and the training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from trainyard.reporter import Reporter, StopTraining
from trainyard.spec import Spec
from trainyard.trainers.tabular.data_identity import DataIdentity, check_file, check_prepared, file_sha256
from trainyard.trainers.tabular.network import pick_device
from trainyard.trainers.tabular.options import Options
from trainyard.trainers.tabular.prepare import prepare
from trainyard.trainers.tabular.training import Training
from trainyard.trainers.tabular.training_state import DamagedStateError, read_state, state_path


def train(spec: Spec, dataset: Path, checkpoint: Path, report: Reporter) -> None:
    """Train on a data set from the first row to the checkpoint. See `trainyard.trainers.tabular.train`."""
    options = Options.read(spec.options)
    torch.set_num_threads(options.threads)
    device = pick_device(options.device)

    def stop_if_asked() -> None:
        if report.should_stop:
            raise StopTraining("A stop was asked for before the first step; there is nothing new to save.")

    digest = file_sha256(dataset)
    state = find_state(checkpoint, dataset, digest) if report.attempt > 1 else None
    data = prepare(dataset, options, spec.seed, stop_if_asked)
    print(f"{dataset.name}: {data.summary}")
    for note in data.notes:
        print(note)
    stop_if_asked()
    identity = DataIdentity.of(digest, data)

    def make() -> Training:
        return Training(spec, options, data, identity, device, checkpoint, report)

    training = make()
    if state is not None:
        try:
            check_prepared(identity, state["data"])
            training.load_state_dict(state)
        # Its checksum is right, so that another version wrote it; how its parts do not fit is theirs to say.
        except (ValueError, KeyError, TypeError, AttributeError, RuntimeError) as error:
            _begin_anew(checkpoint, str(error))
            training = make()  # the failure may have left half of the state in the other one
    training.run()


def find_state(checkpoint: Path, dataset: Path, digest: str) -> dict[str, Any] | None:
    """What earlier attempts have saved; None, and a line in the log that says why, where nothing can be used.

    Args:
        checkpoint: the training state lies beside it.
        dataset: the file to train on.
        digest: its `file_sha256`.

    Raises:
        InvalidDatasetError: the file is not the one they were trained on.
    """
    path = state_path(checkpoint)
    try:
        state = read_state(path)
        if state is None:
            print("No earlier attempt has saved its training state: the training begins anew.")
            return None
        check_file(dataset, digest, state["data"])
    except (DamagedStateError, KeyError, TypeError) as error:
        _begin_anew(checkpoint, str(error))
        return None
    return state


def _begin_anew(checkpoint: Path, why: str) -> None:
    print(f"The training state {state_path(checkpoint).name} cannot be used: {why}. The training begins anew.")
