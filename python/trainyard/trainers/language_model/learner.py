"""Model, adapters and optimizer, with training and validation steps."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from torch import Tensor
from torch.nn.functional import cross_entropy

from trainyard.trainers.language_model.examples import IGNORED, Batch
from trainyard.trainers.language_model.options import Options
from trainyard.trainers.tabular.random_state import random_state, set_random_state


class Learner:
    """A causal language model that is trained on a device.

    Args:
        model: a model of Transformers. With `lora_rank`, its weights stay unchanged, and adapters are trained.
        device: where to train.
        is_bfloat16: whether to compute in bfloat16. Trained weights and the optimizer stay in float32.
    """

    def __init__(self, model: Any, options: Options, device: torch.device, is_bfloat16: bool) -> None:
        self.device, self.max_grad_norm = device, options.max_grad_norm
        self.has_adapters = options.lora_rank > 0
        if self.has_adapters:
            config = LoraConfig(
                task_type="CAUSAL_LM",
                r=options.lora_rank,
                lora_alpha=options.lora_alpha or 2 * options.lora_rank,
                lora_dropout=options.lora_dropout,
                target_modules="all-linear",
            )
            model = get_peft_model(model, config)
        self.model = model.to(device)
        self.trained = {name: weight for name, weight in self.model.named_parameters() if weight.requires_grad}
        decayed = [weight for weight in self.trained.values() if weight.dim() > 1]
        others = [weight for weight in self.trained.values() if weight.dim() <= 1]  # biases and norms
        groups = [{"params": decayed, "weight_decay": options.weight_decay}, {"params": others, "weight_decay": 0.0}]
        self.optimizer = torch.optim.AdamW([group for group in groups if group["params"]])
        self._is_bfloat16 = is_bfloat16

    def learn(self, batches: Sequence[Batch], learning_rate: float) -> Tensor:
        """Run one optimizer step on these batches together. Returns the loss before it, in nats per counted token."""
        self.model.train()
        counted = sum(batch.counted for batch in batches)
        total = torch.zeros((), device=self.device)
        for batch in batches:
            loss = self._loss(batch) / counted
            loss.backward()  # type: ignore[no-untyped-call]
            total += loss.detach()
        if self.max_grad_norm:
            torch.nn.utils.clip_grad_norm_(self.trained.values(), self.max_grad_norm)
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate
        self.optimizer.step()
        self.optimizer.zero_grad()
        return total

    @torch.no_grad()
    def validate(self, batches: Iterable[Batch], check_stop: Callable[[], None]) -> float:
        """Return the loss in nats per counted token. `check_stop` is called for each batch; it raises to end."""
        self.model.eval()
        total, counted = 0.0, 0
        for batch in batches:
            check_stop()
            total += float(self._loss(batch))
            counted += batch.counted
        return total / counted

    def state_dict(self) -> dict[str, Any]:
        """Return the state that training changes: trained weights, optimizer and random state."""
        return {
            "weights": {name: weight.detach() for name, weight in self.trained.items()},
            "optimizer": self.optimizer.state_dict(),
            "random": random_state(self.device),
        }

    @torch.no_grad()
    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore a state from `state_dict`.

        Raises:
            KeyError, TypeError, ValueError, RuntimeError: the state is from another model or optimizer.
        """
        if state["weights"].keys() != self.trained.keys():
            raise ValueError("its weights belong to another model")
        for name, weight in self.trained.items():
            weight.copy_(state["weights"][name])
        self.optimizer.load_state_dict(state["optimizer"])
        set_random_state(state["random"], self.device)

    def _loss(self, batch: Batch) -> Tensor:
        """Return the sum of the losses of the counted tokens, in nats."""
        with self._precision():
            logits = self.model(input_ids=batch.tokens, attention_mask=batch.mask, use_cache=False).logits
        predicted, wanted = logits[:, :-1].flatten(0, 1).float(), batch.labels[:, 1:].flatten()
        return cross_entropy(predicted, wanted, ignore_index=IGNORED, reduction="sum")

    def _precision(self) -> AbstractContextManager[Any]:
        return torch.autocast(self.device.type, torch.bfloat16) if self._is_bfloat16 else nullcontext()


def learning_rate(peak: float, step: int, total: int, schedule: str, warmup_fraction: float) -> float:
    """Return the learning rate of a step.

    It increases from 0 to `peak` in the warm-up, and then decreases to 0 at the last step, or stays (`constant`).

    Args:
        step: from 1.
        total: steps of the whole job.
        schedule: linear, cosine or constant.
        warmup_fraction: share of the steps in the warm-up.
    """
    warmup = math.floor(warmup_fraction * total)
    if step <= warmup:
        return peak * step / warmup
    if schedule == "constant":
        return peak
    left = (total - step + 1) / (total - warmup)  # 1 in the first step after the warm-up
    return peak * left if schedule == "linear" else peak * (1 - math.cos(math.pi * left)) / 2


def picks_bfloat16(precision: str, device: torch.device) -> bool:
    """Whether to compute in bfloat16 for this value of the option `precision`."""
    if precision == "auto":
        # Not on GPUs that emulate it, which is slower than float32.
        return device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)
    return precision == "bfloat16"
