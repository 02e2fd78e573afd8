"""Everything that a later attempt of a training needs, as tensors, numbers and texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from trainyard.trainers.tabular.early_stopping import Best

if TYPE_CHECKING:
    from trainyard.trainers.tabular.training import Training


def state_of(training: Training) -> dict[str, Any]:
    """Return the state of a training without data and spec: tensors, numbers, and dicts of them."""
    loss = training.loss
    return {
        "data": training.identity.to_json(),
        "epoch": training.epoch,
        "batches_done": training.batches_done,
        # A resume draws the order of an incomplete epoch again and skips the completed batches.
        "shuffle": training.shuffle.get_state() if training.is_between_epochs else training.epoch_shuffle,
        "learner": training.learner.state_dict(),
        "best": dict(vars(training.best)),
        "patience_start": training.stopping.counts_after,
        "ended_early": training.ended_early,
        "loss": None if loss is None else float(loss),
        "scores": training.scores,
        "val_losses": training.val_losses,
    }


def restore(training: Training, state: dict[str, Any]) -> None:
    """Restore a state from `state_of`. Call it before `Training.run`.

    Raises:
        KeyError, TypeError, ValueError, AttributeError, RuntimeError: the state is from another training. It may be
            partly loaded: discard the object.
    """
    stopping = training.stopping
    training.learner.load_state_dict(state["learner"])
    training.shuffle.set_state(state["shuffle"])
    training.epoch, training.batches_done = state["epoch"], state["batches_done"]
    training.scores, training.val_losses = state["scores"], state["val_losses"]
    stopping.best = Best(**state["best"])
    stopping.best.weights = {name: tensor.to(training.device) for name, tensor in stopping.best.weights.items()}
    training.loss = None if state["loss"] is None else torch.tensor(state["loss"])
    # States of older versions have neither entry.
    stopping.counts_after = state.get("patience_start", 0)
    if state.get("ended_early", stopping.has_stalled(training.epoch)):
        # A user who resumes such a job wants it to train longer: without this, it would end at once.
        stopping.counts_after = training.epoch
        print(f"Early stopping ended this job before: its patience starts again after epoch {training.epoch}.")
    print(f"Training continues after step {training.steps_done}, in epoch {training.epoch}.")
    numbers = training.scores if training.loss is None else {"loss": training.loss, **training.scores}
    training.report.resume(training.steps_done, training.epoch, **numbers)
