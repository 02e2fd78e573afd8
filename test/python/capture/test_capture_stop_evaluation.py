"""A stop does not wait for a validation or an evaluation of a library."""

from __future__ import annotations

import signal

import pytest
from captured_script import TIMEOUT, finish_script, needs, start_script
from job_under_test import JobUnderTest, wait_for

# Each validation takes longer than the time limit of a test.
_LIGHTNING = """
import os, signal, time
from pathlib import Path
import torch
from torch.utils.data import DataLoader, TensorDataset
import lightning.pytorch as L
from lightning.pytorch.callbacks import EarlyStopping, ModelCheckpoint
from trainyard import Reporter

class Regression(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(4, 1)

    def training_step(self, batch, batch_idx):
        time.sleep({step_seconds})
        if batch_idx + 1 == {stop_at}:
            os.kill(os.getpid(), signal.SIGTERM)
            while not Reporter.from_environment().should_stop:
                time.sleep(0.01)
        return self.layer(batch[0]).square().mean()

    def validation_step(self, batch, batch_idx):
        Path("validates").touch()
        self.log("val_loss", 1.0)
        time.sleep(0.1)

    def configure_optimizers(self):
        optimizer = torch.optim.SGD(self.parameters(), lr=0.01)
        scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer)
        return {{"optimizer": optimizer, "lr_scheduler": {{"scheduler": scheduler, "monitor": "val_loss"}}}}

data, validation = TensorDataset(torch.randn({steps}, 4)), TensorDataset(torch.randn(10_000, 4))
trainer = L.Trainer(max_epochs=1000, accelerator="cpu", logger=False, num_sanity_val_steps=0, enable_progress_bar=False,
                    callbacks=[EarlyStopping("val_loss"), ModelCheckpoint("best", monitor="val_loss")])
model = Regression()
trainer.fit(model, DataLoader(data), DataLoader(validation))
print("after", trainer.global_step, model.training, Path("best").exists(), dict(trainer.callback_metrics))
"""
_TRANSFORMERS = """
import time
from pathlib import Path
import torch
from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments

class Texts(torch.utils.data.Dataset):
    def __init__(self, seconds):
        self.seconds = seconds

    def __len__(self):
        return 10_000

    def __getitem__(self, index):
        if self.seconds:
            Path("validates").touch()
            time.sleep(self.seconds)
        return {{"input_ids": torch.randint(0, 50, (8,)), "labels": index % 2}}

config = BertConfig(vocab_size=50, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16)
args = TrainingArguments(output_dir="results", per_device_eval_batch_size=1, eval_strategy="steps", eval_steps={steps},
                         save_strategy="no", report_to=[], use_cpu=True)
trainer = Trainer(BertForSequenceClassification(config), args, train_dataset=Texts(0), eval_dataset=Texts(0.1))
trainer.train()
print("after", trainer.state.global_step, [name for log in trainer.state.log_history for name in log if "eval" in name])
"""
_KERAS = """
import time
from pathlib import Path
import numpy as np
import keras

class Numbers(keras.utils.PyDataset):
    def __len__(self):
        return 10_000

    def __getitem__(self, index):
        Path("validates").touch()
        time.sleep(0.1)
        return np.zeros((1, 4)), np.zeros((1, 1))

class Slow(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        time.sleep({step_seconds})

    def on_epoch_end(self, epoch, logs=None):
        print("validation", logs["val_loss"], flush=True)

model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(1)])
model.compile(optimizer="adam", loss="mse")
x = np.zeros(({steps}, 4))
model.fit(x, x[:, :1], batch_size=1, epochs=1000, validation_data=Numbers(), verbose=0, callbacks=[Slow()])
model.evaluate(Numbers(), verbose=0)
"""


@pytest.mark.parametrize(
    ("source", "checkpoint", "after"),
    [
        pytest.param(_LIGHTNING, "last.ckpt", "after 5 True False {}", id="lightning", marks=needs("lightning")),
        pytest.param(
            _TRANSFORMERS, "checkpoint-5", "after 5 []", id="transformers", marks=needs("transformers", "torch")
        ),
        pytest.param(_KERAS, "model.keras", "validation nan", id="keras", marks=needs("keras", "torch")),
    ],
)
def test_a_stop_ends_a_validation_and_saves(job: JobUnderTest, source: str, checkpoint: str, after: str) -> None:
    script = start_script(job, source.format(steps=5, step_seconds=0, stop_at=0))
    wait_for((job.home.path / "trainers/validates").exists, "the validation", TIMEOUT)
    script.send_signal(signal.SIGTERM)
    printed, _ = finish_script(script)
    status = job.status()
    assert (status["status"], status["step"]) == ("STOPPED", 5)
    assert after in printed  # the rest of the script runs, and sees no result of a part of the data
    assert status["checkpoint"] == f"artifacts/outputs/{job.job_id}/{checkpoint}"
    assert (job.home.path / status["checkpoint"]).exists()


@pytest.mark.parametrize(
    ("source", "checkpoint"),
    [
        pytest.param(_LIGHTNING, "last.ckpt", id="lightning", marks=needs("lightning", "torch")),
        pytest.param(_KERAS, "model.keras", id="keras", marks=needs("keras", "torch")),
    ],
)
def test_a_stop_at_a_step_does_not_wait_for_the_validation_that_the_library_does_then(
    job: JobUnderTest, source: str, checkpoint: str
) -> None:
    script = start_script(job, source.format(steps=10_000, step_seconds=0.02, stop_at=0))
    wait_for(lambda: job.status().get("step", 0) > 5, "steps", TIMEOUT)
    script.send_signal(signal.SIGTERM)
    finish_script(script)
    status = job.status()
    assert status["status"] == "STOPPED"
    assert status["checkpoint"] == f"artifacts/outputs/{job.job_id}/{checkpoint}"


@needs("lightning", "torch")
def test_a_stop_at_the_last_step_of_an_epoch_needs_no_metric_of_its_validation(job: JobUnderTest) -> None:
    printed, _ = finish_script(start_script(job, _LIGHTNING.format(steps=5, step_seconds=0, stop_at=5)))
    assert (job.status()["status"], job.status()["step"]) == ("STOPPED", 5)
    assert "after 5 True False {}" in printed
