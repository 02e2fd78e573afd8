"""Several processes of one training with a library: a stop request ends all of them after the same step."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from captured_script import TIMEOUT, needs
from job_under_test import JobUnderTest, finish, wait_for

_TRANSFORMERS = """
import torch
from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments

config = BertConfig(vocab_size=50, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
                    max_position_embeddings=16)
data = [{"input_ids": torch.randint(0, 50, (8,)), "labels": n % 2} for n in range(32)]
args = TrainingArguments(output_dir="results", max_steps=MAX_STEPS, per_device_train_batch_size=4, logging_steps=2,
                         save_strategy="no", report_to=[], use_cpu=True, ddp_backend="gloo")
trainer = Trainer(model=BertForSequenceClassification(config), args=args, train_dataset=data)
trainer.train()
print("after", trainer.state.global_step, flush=True)
"""

_LIGHTNING = """
import torch
from torch.utils.data import DataLoader, TensorDataset
import lightning.pytorch as L

class Regression(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(4, 1)

    def training_step(self, batch, batch_idx):
        return torch.nn.functional.mse_loss(self.layer(batch[0]), batch[1])

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.01)

loader = DataLoader(TensorDataset(torch.randn(64, 4), torch.randn(64, 1)), batch_size=8)
trainer = L.Trainer(max_steps=MAX_STEPS, devices=2, accelerator="cpu", strategy="ddp", logger=False,
                    enable_checkpointing=False, enable_progress_bar=False)
trainer.fit(Regression(), loader)
print("after", trainer.global_step, flush=True)
"""

_SCRIPTS = [
    pytest.param("transformers", _TRANSFORMERS, marks=needs("transformers", "accelerate", "torch")),
    pytest.param("lightning", _LIGHTNING, marks=needs("lightning", "torch")),
]


@pytest.mark.parametrize(("library", "source"), _SCRIPTS)
def test_a_stop_ends_all_ranks_after_the_same_step_and_the_next_attempt_continues(
    job: JobUnderTest, library: str, source: str
) -> None:
    _start(job, source.replace("MAX_STEPS", "1_000_000"))
    supervisor = job.supervise(**_ENVIRONMENT)
    wait_for(lambda: job.status().get("step", 0) > 10, "steps", TIMEOUT)
    supervisor.terminate()
    finish(supervisor, TIMEOUT)
    stopped = job.status()
    assert job.statuses()[-1] == "STOPPED", job.log()
    assert job.exit()["exit_code"] == 0
    assert _printed_steps(job) == {0: stopped["step"], 1: stopped["step"]}, job.log()
    output = job.home.path / "artifacts/outputs" / job.job_id
    assert not list(output.glob(".last-step*"))
    (checkpoint,) = map(Path, json.loads((output / "checkpoints.json").read_text())[library])
    assert checkpoint.exists()

    job.home.log(job.job_id).unlink()
    job.home.exit(job.job_id).unlink()
    total = stopped["step"] + 6
    _start(job, source.replace("MAX_STEPS", str(total)))
    job.queue(attempt=2)
    finish(job.supervise(attempt=2, **_ENVIRONMENT), TIMEOUT)
    assert job.statuses()[-1] == "COMPLETED", job.log()
    assert _printed_steps(job) == {0: total, 1: total}
    assert job.status()["first_step"] == stopped["step"] + 1


_ENVIRONMENT = {"HF_HUB_OFFLINE": "1", "CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1"}


def _start(job: JobUnderTest, source: str, **changes: Any) -> None:
    job.trainer(source, processes=2, **changes)


def _printed_steps(job: JobUnderTest) -> dict[int, int]:
    """The step that each rank printed at its end."""
    words = [text.split() for _, text in job.log() if " after " in text]
    return {int(rank.rstrip("]")): int(step) for _, rank, _, step in words}
