"""Progress from TensorBoard, MLflow and Weights & Biases."""

from __future__ import annotations

import pytest
from captured_script import needs, run_script, values_of
from job_under_test import JobUnderTest

_SCALARS = """
import tempfile
from {module} import SummaryWriter
with SummaryWriter(tempfile.mkdtemp()) as writer:
    for step in range(1, 21):
        writer.add_scalar("Loss/train", 1 / step, step)
        writer.add_scalars("acc", {{"train": step / 20, "val": step / 40}}, global_step=step)
"""


@needs("tensorboard", "torch")
def test_scalars_of_tensorboard_are_metrics_at_their_steps(job: JobUnderTest) -> None:
    run_script(job, _SCALARS.format(module="torch.utils.tensorboard"))
    assert values_of(job, "Loss/train") == [(step, 1 / step) for step in range(1, 21)]
    assert values_of(job, "acc/val")[-1] == (20, 0.5)
    assert job.status()["step"] == 20


@needs("tensorboardX")
def test_scalars_of_tensorboardx_are_metrics_too(job: JobUnderTest) -> None:
    run_script(job, _SCALARS.format(module="tensorboardX"))
    assert values_of(job, "Loss/train") == [(step, 1 / step) for step in range(1, 21)]


@needs("tensorboard", "torch", "tqdm")
def test_a_bar_gives_the_step_and_tensorboard_the_numbers(job: JobUnderTest) -> None:
    run_script(
        job,
        """
        import tempfile
        from torch.utils.tensorboard import SummaryWriter
        from tqdm import tqdm
        writer = SummaryWriter(tempfile.mkdtemp())
        bar = tqdm(range(10))
        for step in bar:
            writer.add_scalar("train/loss", 0.5, 1000 * step)
            bar.set_postfix(loss=0.25)
        """,
    )
    assert (job.status()["step"], job.status()["total_steps"]) == (10, 10)
    assert job.status()["metrics"] == {"train/loss": 0.5}


@needs("mlflow")
def test_numbers_of_mlflow_are_metrics(job: JobUnderTest) -> None:
    run_script(
        job,
        """
        import pathlib, tempfile, mlflow
        mlflow.set_tracking_uri(pathlib.Path(tempfile.mkdtemp(), "mlruns").as_uri())
        with mlflow.start_run():
            mlflow.log_param("lr", 0.1)
            for epoch in range(1, 4):
                mlflow.log_metric("loss", 1 / epoch, step=epoch)
                mlflow.log_metrics({"val_loss": 2 / epoch, "accuracy": 0.5}, step=epoch)
            mlflow.log_metric("without_step", 7.0)
        """,
        MLFLOW_ALLOW_FILE_STORE="true",
        MLFLOW_DISABLE_TELEMETRY="true",
    )
    assert values_of(job, "loss") == [(1, 1.0), (2, 0.5), (3, 1 / 3)]
    assert values_of(job, "val_loss")[-1] == (3, 2 / 3)
    assert values_of(job, "without_step") == [(3, 7.0)]


@needs("wandb")
def test_numbers_of_wandb_are_metrics_without_an_account(job: JobUnderTest) -> None:
    run_script(
        job,
        """
        import os, tempfile, wandb
        run = wandb.init(project="test", dir=tempfile.mkdtemp())
        assert os.environ["WANDB_MODE"] == "offline"
        for step in range(3):
            wandb.log({"train": {"loss": 1.0 / (step + 1)}, "note": "text"})
        run.log({"accuracy": 0.5}, step=10)
        wandb.finish()
        """,
    )
    assert values_of(job, "train/loss") == [(1, 1.0), (2, 0.5), (3, 1 / 3)]
    assert values_of(job, "accuracy") == [(10, 0.5)]


@needs("tensorboard", "torch")
@pytest.mark.parametrize(
    ("loop", "total", "epochs"),
    [
        ("for epoch in range(args.epochs): log(epoch)", 8, 8),
        ("for epoch in range(1, args.epochs + 1): log(epoch)", 8, 8),
        ("for step in range(args.steps): log(step)", 40, None),
        # A step that is not an epoch, although both begin at 0, and one that is not a step of the loop.
        ("for epoch in range(args.epochs):\n    for batch in range(5): log(5 * epoch + batch)", None, None),
        ("for step in range(args.steps): log(64 * step)", None, None),
    ],
)
def test_a_logged_counter_of_the_loop_gives_the_percent(
    job: JobUnderTest, loop: str, total: int | None, epochs: int | None
) -> None:
    run_script(
        job,
        f"""
import argparse, tempfile
from torch.utils.tensorboard import SummaryWriter
parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=8)
parser.add_argument("--steps", type=int, default=40)
args = parser.parse_args([])
writer = SummaryWriter(tempfile.mkdtemp())
def log(count): writer.add_scalar("loss", 0.5, count)
{loop}
""",
    )
    status = job.status()
    assert (status["total_steps"], status["epochs"]) == (total, epochs)
    assert status["epoch"] == (epochs or 0)
