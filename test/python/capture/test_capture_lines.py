"""Progress from printed lines."""

from __future__ import annotations

import math

import pytest
from captured_script import run_script, values_of
from job_under_test import JobUnderTest

from trainyard.capture.parse_line import Line, parse_line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("epoch 3/10 loss 0.123", Line(3, 10, metrics={"loss": 0.123})),
        ("Epoch 3: train_loss=0.1, val_acc 91.2%", Line(3, metrics={"train_loss": 0.1, "val_acc": 91.2})),
        ("[10/100] loss: 2.3", Line(step=10, steps=100, metrics={"loss": 2.3})),
        ("Train Epoch: 1 [640/60000 (1%)]\tLoss: 2.3", Line(1, None, 640, 60000, {"loss": 2.3})),
        (
            "Test set: Average loss: 0.1, Accuracy: 9/10 (90%)",
            Line(metrics={"test_loss": 0.1, "test_accuracy": 90.0}),
        ),
        (
            "Epoch: [0][ 10/391]\tTime  0.1 ( 0.2)\tLoss 2.3e+00 (2.4)\tAcc@1 12.50 ( 10.20)",
            Line(0, None, 10, 391, {"loss": 2.3, "acc@1": 12.5}),
        ),
        (
            "[3/25][100/782]\tLoss_D: 0.5\tLoss_G: 3.2\tD(x): 0.6",
            Line(3, 25, 100, 782, {"loss_d": 0.5, "loss_g": 3.2}),
        ),
        (
            "| epoch   1 |   200/ 2983 batches | lr 5.00 | ms/batch 12.30 | loss  6.90 | ppl  1000.12",
            Line(1, None, 200, 2983, {"lr": 5.0, "loss": 6.9, "ppl": 1000.12}),
        ),
        ("[1,  2000] loss: 2.173", Line(1, None, 2000, None, {"loss": 2.173})),
        ("iter 100: loss 2.3456, time 5.00ms, mfu 3.2%", Line(step=100, metrics={"loss": 2.3456})),
        ("Epoch [3/10], Step [100/600], Loss: 0.3", Line(3, 10, 100, 600, {"loss": 0.3})),
        ("step 250: train loss 1.2, val loss 1.5", Line(step=250, metrics={"loss": 1.2, "val_loss": 1.5})),
        ("loss: 1.5  [   64/60000]", Line(step=64, steps=60000, metrics={"loss": 1.5})),
        ("{'loss': 0.5, 'grad_norm': 1.2}", Line(metrics={"loss": 0.5, "grad_norm": 1.2})),
        ("2026-11-25 21:58:36,123 INFO epoch 3/10 loss 1e-4", Line(3, 10, metrics={"loss": 1e-4})),
        ("Epoch 1/10", Line(1, 10)),
        ("\x1b[32mepoch 1/2\x1b[0m \x1b[1mloss\x1b[0m \x1b[31m0.5\x1b[0m", Line(1, 2, metrics={"loss": 0.5})),
        ("===== epoch 1/2 loss 0.5 =====", Line(1, 2, metrics={"loss": 0.5})),
        ("epoch 2/5 loss inf acc 0.1", Line(2, 5, metrics={"loss": math.inf, "acc": 0.1})),
        ("train loss is -inf, val loss is 1e-3", Line(metrics={"loss": -math.inf, "val_loss": 0.001})),
        ("step 1,200/10,000 loss 1,234.5", Line(step=1200, steps=10000, metrics={"loss": 1234.5})),
        ("epoch 3 | ms/batch 5 | loss 0.5,acc 0.25", Line(3, metrics={"loss": 0.5, "acc": 0.25})),
        (
            "epoch 3 top1 91.5 f1=0.5 (r2: 0.25) 'acc' 0.75",
            Line(3, metrics={"top1": 91.5, "f1": 0.5, "r2": 0.25, "acc": 0.75}),
        ),
    ],
)
def test_a_line_in_a_usual_style_is_understood(text: str, line: Line) -> None:
    assert parse_line(text) == line


@pytest.mark.parametrize(
    "text",
    [
        "Hello world 2",
        "[2, 3]",
        "loss 2,3",
        "Files [1/3] loaded",
        "Processing batch 3 of 20",
        "Downloading 1.5 GB at 3 MB/s",
        "\rEpoch 1: 50%|###  | 5/10 [00:00<00:00, 9.1it/s, loss=0.5]",
        "Epoch 1: 50%|###  | 5/10 [00:00<00:00, 9.1batch/s, loss=0.5]",
        "26/26 [==============================] - 0s 2ms/step - loss: 0.5",
        "\x1b[1m26/26\x1b[0m \x1b[32m━━━━━━━━━━\x1b[0m 0s 2ms/step - loss: 0.5",
        "loss 0.5 " + "x" * 3000,
        "<ProcessGroup object at 0x7f19a651fd90>",
        "Exception ignored in: <function _acc at 0x7f19acc0f190>",
        "  frame #14: <unknown function> + 0x7f1d8acc3 (0x7f19f1651fd9 in libtorch.so)",
        "commit 3f1acc90, run f1a2b3c4-acc1-4f10-9f1e-1acc2f1e3d40",
        "saved to /tmp/run-f1a2b390/loss7",
    ],
)
def test_other_lines_and_progress_bars_are_ignored(text: str) -> None:
    assert parse_line(text) is None


def test_a_loss_that_is_no_number_keeps_its_name() -> None:
    line = parse_line("epoch 1/5 loss nan acc 0.5")
    assert line is not None
    assert math.isnan(line.metrics["loss"]) and line.metrics["acc"] == 0.5


def test_epochs_that_are_printed_are_steps(job: JobUnderTest) -> None:
    printed, _ = run_script(
        job,
        """
        for epoch in range(3):
            print(f"epoch {epoch}/3 loss {1 / (epoch + 1):.2f}")
        """,
    )
    assert printed == "epoch 0/3 loss 1.00\nepoch 1/3 loss 0.50\nepoch 2/3 loss 0.33\n"
    status = job.status()
    assert (status["step"], status["total_steps"], status["epoch"], status["epochs"]) == (3, 3, 3, 3)
    assert values_of(job, "loss") == [(1, 1.0), (2, 0.5), (3, 0.33)]


def test_the_mnist_example_has_a_percentage_from_its_options(job: JobUnderTest) -> None:
    run_script(
        job,
        r"""
        import argparse
        parser = argparse.ArgumentParser()
        parser.add_argument("--epochs", type=int, default=2)
        args = parser.parse_args()
        for epoch in range(1, args.epochs + 1):
            for batch in (0, 500):
                print(f"Train Epoch: {epoch} [{batch}/1000 ({batch / 10:.0f}%)]\tLoss: {1 / (batch + epoch):.6f}")
            print("\nTest set: Average loss: 0.25, Accuracy: 910/1000 (91%)\n")
            if epoch == 2:
                break
        """,
    )
    status = job.status()
    assert (status["step"], status["total_steps"], status["epoch"], status["epochs"]) == (1500, 2000, 2, 2)
    assert [step for step, _ in values_of(job, "loss")] == [0, 500, 1000, 1500]
    assert values_of(job, "test_accuracy") == [(500, 91.0), (1500, 91.0)]


def test_a_line_that_is_written_again_and_again_shows_progress_while_it_grows(job: JobUnderTest) -> None:
    run_script(
        job,
        r"""
        import time
        for epoch in (1, 2):
            for step in range(1, 51):
                print(f"\rEpoch {epoch}/2 step {step}/50 loss: {1 / step:.4f}", end="", flush=True)
                time.sleep(0.005)
            print()
        """,
    )
    status = job.status()
    assert (status["step"], status["total_steps"], status["epoch"], status["metrics"]) == (100, 100, 2, {"loss": 0.02})
    steps = [step for step, _ in values_of(job, "loss")]
    assert steps == sorted(set(steps)) and {50, 100} < set(steps)


def test_tracebacks_and_warnings_are_no_progress(job: JobUnderTest) -> None:
    run_script(
        job,
        """
        import logging, sys, warnings

        try:
            raise ValueError("epoch 7 loss 7")
        except ValueError:
            logging.exception("failed")
        warnings.warn("epoch 8 loss 8")
        print("epoch 1/2 loss 0.5", file=sys.stderr)
        """,
    )
    assert values_of(job, "loss") == [(1, 0.5)]


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_lines_that_are_written_to_the_buffer_of_a_live_stream_are_seen(job: JobUnderTest, unbuffered: str) -> None:
    printed, _ = run_script(
        job,
        r"""
        import io, sys
        sys.stdout.buffer.write("é: epoch 1/3 loss 0.5\n".encode())
        sys.stdout.buffer.flush()
        print("epoch 2/3 loss", 0.25)
        sys.stdout = io.TextIOWrapper(sys.stdout.buffer, "utf-8", line_buffering=True)
        print("epoch 3/3 loss 0.125")
        """,
        PYTHONUNBUFFERED=unbuffered,
    )
    assert "epoch 3/3" in printed
    assert values_of(job, "loss") == ([(1, 0.5), (2, 0.25), (3, 0.125)] if unbuffered else [(2, 0.25)])


def test_lines_can_be_disabled(job: JobUnderTest) -> None:
    run_script(job, "print('epoch 1/2 loss 0.5')", TRAINYARD_CAPTURE="-lines")
    assert job.metrics() == []


def test_the_script_keeps_its_own_streams(job: JobUnderTest) -> None:
    printed, errors = run_script(
        job,
        """
        import os, sys
        print(type(sys.stdout).__name__, sys.stdout is sys.__stdout__, sys.stdout.fileno(), sys.stderr.write("loss"))
        os.fork() or print("epoch 9/9 loss 9")
        """,
    )
    assert "TextIOWrapper True 1 4" in printed
    assert errors.startswith("loss")
    assert job.metrics() == []
