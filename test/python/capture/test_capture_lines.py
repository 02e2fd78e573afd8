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
            Line(metrics={"test_loss": 0.1, "test_accuracy": 90.0}, dataset="test"),
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
        (
            '{"epoch": 3, "step": 120, "loss": 0.25, "lr": 0.001, "time": 12.4}',
            Line(3, step=120, metrics={"loss": 0.25, "lr": 0.001}),
        ),
        ("{'loss': '0.5', 'learning_rate': '5e-05'}", Line(metrics={"loss": 0.5, "learning_rate": 5e-5})),
        ("Epoch 3: loss=tensor(0.5, grad_fn=<NllLossBackward0>)", Line(3, metrics={"loss": 0.5})),
        ("epoch 3 loss tensor(0.5) acc np.float64(0.25)", Line(3, metrics={"loss": 0.5, "acc": 0.25})),
        ("Cost after iteration 100: 0.25", Line(step=100, metrics={"cost": 0.25})),
        ("Loss at epoch 3 = 0.25", Line(3, metrics={"loss": 0.25})),
        ("After 100 steps, loss = 0.5", Line(step=100, metrics={"loss": 0.5})),
        (
            "Accuracy of the network on the 10000 test images: 54 %",
            Line(metrics={"test_accuracy": 54.0}, dataset="test"),
        ),
        ("Episode 12/500\tLast reward: 23.00", Line(step=12, steps=500, metrics={"last_reward": 23.0})),
        ("10/100 loss 0.5", Line(step=10, steps=100, metrics={"loss": 0.5})),
        ("| epoch 001:     21 / 24 loss=12.3, ppl=50", Line(1, None, 21, 24, {"loss": 12.3, "ppl": 50.0})),
        (
            "Train: 0 [  50/1251 (  4%)]  Loss: 6.5 (6.9)  Time: 0.1s, 2084/s  LR: 1e-06",
            Line(0, None, 50, 1251, {"loss": 6.5, "lr": 1e-6}),
        ),
        ("Epoch(val) [1][5/25]  loss: 1.5", Line(1, None, 5, 25, {"val_loss": 1.5}, "val")),
        ("12:00:01 INFO - Val: [ 5/25] loss 1.5", Line(None, None, 5, 25, {"val_loss": 1.5}, "val")),
        ("Epoch 3 val loss 0.5, train loss 0.25", Line(3, metrics={"val_loss": 0.5, "loss": 0.25}, dataset="val")),
        ("[10]\tvalid_0's l2: 0.5\tvalid_0's binary_logloss: 0.25", Line(metrics={"val_0-binary_logloss": 0.25})),
        ("Epoch 3 took 12.5 s, 1.5 GB, loss 0.5", Line(3, metrics={"loss": 0.5})),
        ("Number of epochs: 10", Line(epochs=10)),
        ("lr = 0.01, epochs = 10", Line(epochs=10)),
        ("best epoch: 3, best loss: 0.5", Line(metrics={"best_loss": 0.5})),
        ("Epoch 5: val_loss improved from 0.45 to 0.41, saving model", Line(5)),
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
        "Namespace(lr=0.001, epochs=10, loss='mse')",
        "Restoring model weights from the end of the best epoch: 3.",
        "HTTP error 503",
        "error code 7",
        "Using loss weight 0.5",
        "accuracy threshold 0.5",
        "acc 10.0.0.1",
        "error 2026-11-26 20:51:00",
        "loss: 12:33:11",
        "Accuracy for class: plane is 52.3 %",
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


def test_the_settings_of_a_script_are_no_progress(job: JobUnderTest) -> None:
    run_script(
        job,
        """
        import argparse
        parser = argparse.ArgumentParser()
        parser.add_argument("--epochs", type=int, default=3)
        parser.add_argument("--lr", type=float, default=0.1)
        args = parser.parse_args()
        print(args)
        print(f"Training with epochs: {args.epochs}")
        for epoch in range(args.epochs):
            print(f"epoch {epoch} loss {1 / (epoch + 1):.2f}")
        print("best epoch: 2")
        """,
    )
    assert values_of(job, "loss") == [(1, 1.0), (2, 0.5), (3, 0.33)]
    assert job.status()["epoch"] == 3


def test_the_number_of_epochs_can_be_a_variable_of_the_script(job: JobUnderTest) -> None:
    run_script(
        job,
        """
        import logging
        logging.basicConfig(level=logging.INFO)
        num_epochs = 4

        def report(epoch, loss):
            logging.info("epoch %d loss %s", epoch, loss)

        for epoch in range(2):
            report(epoch, 0.5)
        """,
    )
    status = job.status()
    assert (status["step"], status["total_steps"], status["epoch"], status["epochs"]) == (2, 4, 2, 4)


def test_batches_of_a_validation_are_no_steps(job: JobUnderTest) -> None:
    run_script(
        job,
        """
        for epoch in range(2):
            for batch in (0, 20):
                print(f"Epoch: [{epoch}][ {batch}/40] Loss {2.5 - epoch} Acc@1 {batch}.0")
            print("Test: [ 0/10] Loss 3.5 Acc@1 1.0")
            print(f" *   Acc@1 {50 + epoch}.0 Acc@5 90.0")
        """,
    )
    assert values_of(job, "loss") == [(0, 2.5), (20, 2.5), (40, 1.5), (60, 1.5)]
    assert values_of(job, "test_loss") == [(20, 3.5), (60, 3.5)]
    assert values_of(job, "test_acc@1") == [(20, 1.0), (20, 50.0), (60, 1.0), (60, 51.0)]
    assert values_of(job, "acc@1") == [(0, 0.0), (20, 20.0), (40, 0.0), (60, 20.0)]


def test_indented_lines_belong_to_the_heading_above_them(job: JobUnderTest) -> None:
    run_script(
        job,
        r"""
        for epoch in (1, 2):
            print(f"Epoch {epoch}\n-----------")
            print(f"loss: {1 / epoch}  [   32/   64]")
            print("Test Error: \n Accuracy: 50.0%, Avg loss: 0.75 \n")
        print(" loss: 0.125")
        """,
    )
    assert values_of(job, "loss") == [(32, 1.0), (96, 0.5)]
    assert values_of(job, "test_loss") == [(32, 0.75), (96, 0.75), (96, 0.125)]


def test_batches_of_epochs_of_unknown_length_are_counted_together(job: JobUnderTest) -> None:
    run_script(
        job,
        """
        for epoch in (1, 2):
            for batch in (100, 200):
                print(f"[{epoch}, {batch}] loss: {1 / (epoch * batch)}")
        """,
    )
    assert [step for step, _ in values_of(job, "loss")] == [100, 200, 300, 400]
    assert job.status()["epoch"] == 2


def test_steps_of_the_whole_job_are_kept_as_printed(job: JobUnderTest) -> None:
    run_script(
        job,
        """
        for step in (100, 200, 300, 400):
            print({"epoch": (step + 199) // 200, "step": step, "loss": 1 / step})
        """,
    )
    assert [step for step, _ in values_of(job, "loss")] == [100, 200, 300, 400]


def test_values_without_epoch_and_step_are_counted(job: JobUnderTest) -> None:
    run_script(job, "for loss in (3.0, 2.0, 1.0): print('loss:', loss)")
    assert values_of(job, "loss") == [(0, 3.0), (1, 2.0), (2, 1.0)]


def test_a_counted_value_does_not_shift_the_steps_that_lines_name(job: JobUnderTest) -> None:
    run_script(
        job,
        """
        print("lr 0.1")
        for epoch in (1, 2):
            print(f"epoch {epoch}/2 loss {1 / epoch}")
        print("final acc 0.5")
        """,
    )
    assert values_of(job, "loss") == [(1, 1.0), (2, 0.5)]
    assert values_of(job, "final_acc") == [(2, 0.5)]


def test_epochs_counted_from_zero_to_the_printed_total_are_one_more(job: JobUnderTest) -> None:
    run_script(job, "for epoch in range(3): print(f'Epoch {epoch}/2 loss {1 / (epoch + 1)}')")
    status = job.status()
    assert (status["step"], status["total_steps"], status["epoch"], status["epochs"]) == (3, 3, 3, 3)


def test_a_second_training_continues_the_steps_of_the_first_one(job: JobUnderTest) -> None:
    run_script(
        job,
        """
        for fold in (1, 2):
            print(f"Fold {fold}")
            for epoch in range(1, 4):
                print(f"epoch {epoch}/3 loss {1 / (fold * epoch):.2f}")
        """,
    )
    assert [step for step, _ in values_of(job, "loss")] == [1, 2, 3, 4, 5, 6]
    assert job.status()["total_steps"] == 6


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


@pytest.mark.parametrize(("sources", "names"), [("all", {"val_loss"}), ("lines", {"loss", "val_loss"})])
def test_lines_of_a_library_that_is_a_source_are_ignored(job: JobUnderTest, sources: str, names: set[str]) -> None:
    run_script(
        job,
        """
        import types
        library = types.ModuleType("lightgbm.basic")
        exec("def show(text): print(text)", library.__dict__)
        library.show("epoch 1/1 loss 0.5")
        print("epoch 1/1 val_loss 0.25")
        """,
        TRAINYARD_CAPTURE=sources,
    )
    assert job.status()["metrics"].keys() == names


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
