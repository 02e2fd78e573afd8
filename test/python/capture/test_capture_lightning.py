"""Progress from Lightning: `Trainer.fit`, its stop and its resume."""

from __future__ import annotations

import signal

import pytest
from captured_script import TIMEOUT, finish_script, needs, run_script, start_script, values_of
from job_under_test import JobUnderTest, wait_for

pytestmark = needs("lightning", "torch")

_MODEL = """
import logging, sys
import torch
from torch.utils.data import DataLoader, TensorDataset
import {package} as L

logging.getLogger("{package}").setLevel(logging.ERROR)

class Regression(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(4, 1)

    def training_step(self, batch, batch_idx):
        x, y = batch
        loss = torch.nn.functional.mse_loss(self.layer(x), y)
        self.log("train_loss", loss, on_step=True, on_epoch=True)
        return loss

    def validation_step(self, batch, batch_idx):
        x, y = batch
        self.log("val_loss", torch.nn.functional.mse_loss(self.layer(x), y))

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.01)

data = TensorDataset(torch.randn(64, 4), torch.randn(64, 1))
loader = DataLoader(data, batch_size=16)
"""


@pytest.mark.parametrize("package", ["lightning.pytorch", "pytorch_lightning"])
def test_fit_gives_steps_epochs_and_metrics(job: JobUnderTest, package: str) -> None:
    run_script(
        job,
        _MODEL.format(package=package)
        + """
trainer = L.Trainer(max_epochs=3, accelerator="cpu")
trainer.fit(Regression(), loader, loader)
assert ("lightning.pytorch" in sys.modules) == (L.__name__ == "lightning.pytorch")
""",
    )
    status = job.status()
    assert (status["step"], status["total_steps"], status["epoch"], status["epochs"]) == (12, 12, 3, 3)
    assert [step for step, _ in values_of(job, "val_loss")] == [4, 8, 12]  # once, although the epoch ends there too
    assert set(status["metrics"]) == {"train_loss", "val_loss"}


def test_a_stopped_training_saves_and_its_next_attempt_continues(job: JobUnderTest) -> None:
    fit = """
trainer = L.Trainer(
    max_epochs={}, accelerator="cpu", logger=False, enable_checkpointing=False, enable_progress_bar=False
)
trainer.fit(Regression(), loader)
print("after", trainer.global_step)
"""
    model = _MODEL.format(package="lightning.pytorch")
    script = start_script(job, model + fit.format(1_000_000))
    wait_for(lambda: job.status().get("step", 0) > 10, "steps", TIMEOUT)
    script.send_signal(signal.SIGTERM)
    printed, _ = finish_script(script)
    stopped = job.status()
    assert f"after {stopped['step']}\n" in printed  # the rest of the script runs too
    assert stopped["status"] == "STOPPED"

    epochs = stopped["epoch"] + 3
    job.queue(attempt=2)
    finish_script(start_script(job, model + fit.format(epochs), attempt=2))
    status = job.status()
    assert status["first_step"] == stopped["step"] + 1
    assert (status["step"], status["total_steps"]) == (4 * epochs, 4 * epochs)


def test_a_logger_next_to_the_callback_reports_nothing_twice(job: JobUnderTest) -> None:
    printed, warnings = run_script(
        job,
        _MODEL.format(package="lightning.pytorch")
        + """
from trainyard.integrations.lightning import TrainyardCallback, TrainyardLogger
trainer = L.Trainer(
    max_epochs=2, accelerator="cpu", callbacks=[TrainyardCallback()], logger=TrainyardLogger(), log_every_n_steps=1
)
trainer.fit(Regression(), loader, loader)
print("checkpoint", trainer.checkpoint_callback.dirpath)
""",
    )
    assert "step went back" not in printed + warnings
    assert [step for step, _ in values_of(job, "val_loss")] == [4, 8]
    outputs = job.home.path / "artifacts" / "outputs" / job.job_id
    assert f"checkpoint {outputs}" in printed  # listed, downloaded and deleted with the job


def test_callback_and_logger_work_outside_a_job(job: JobUnderTest) -> None:
    run_script(
        job,
        _MODEL.format(package="lightning.pytorch")
        + """
from trainyard.integrations.lightning import TrainyardCallback, TrainyardLogger
for callback in ([TrainyardCallback()], []):
    logger = TrainyardLogger()
    trainer = L.Trainer(max_epochs=1, accelerator="cpu", callbacks=callback, logger=logger, log_every_n_steps=1)
    trainer.fit(Regression(), loader)
""",
        TRAINYARD_HOME="", TRAINYARD_OUTPUT_DIR="",
    )  # fmt: skip
    assert not job.home.metrics(job.job_id).exists()
