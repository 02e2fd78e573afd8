"""Progress from Transformers: `Trainer.train`, its stop and its resume."""

from __future__ import annotations

import json
import signal

from captured_script import TIMEOUT, finish_script, needs, run_script, start_script, values_of
from job_under_test import JobUnderTest, wait_for

pytestmark = needs("transformers", "accelerate", "torch")

_TRAINER = """
import torch
from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments

config = BertConfig(vocab_size=50, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
                    max_position_embeddings=16)
data = [{{"input_ids": torch.randint(0, 50, (8,)), "labels": n % 2}} for n in range(32)]
args = TrainingArguments(output_dir="results", num_train_epochs={epochs}, per_device_train_batch_size=8,
                         logging_steps=2, eval_strategy="epoch", save_strategy="{save}", report_to=[], use_cpu=True,
                         disable_tqdm=False)
model = BertForSequenceClassification(config)
trainer = Trainer(model=model, args=args, train_dataset=data, eval_dataset=data)
"""


def test_train_gives_steps_epochs_and_logged_numbers(job: JobUnderTest) -> None:
    run_script(job, _TRAINER.format(epochs=2, save="no") + "trainer.train()\nprint(trainer.evaluate())")
    status = job.status()
    assert (status["step"], status["total_steps"], status["epoch"], status["epochs"]) == (8, 8, 2, 2)
    assert [step for step, _ in values_of(job, "loss")] == [2, 4, 6, 8]
    assert [step for step, _ in values_of(job, "eval_loss")] == [4, 8, 8]
    assert set(status["metrics"]) == {"loss", "grad_norm", "learning_rate", "eval_loss", "train_loss"}


def test_the_callback_of_the_script_is_used_instead_of_a_second_one(job: JobUnderTest) -> None:
    script = _TRAINER.format(epochs=1, save="no").replace(
        "eval_dataset=data)", "eval_dataset=data, callbacks=[TrainyardCallback()])"
    )
    run_script(job, f"from trainyard.integrations.transformers import TrainyardCallback\n{script}\ntrainer.train()")
    assert len([step for step, _ in values_of(job, "loss")]) <= 2


def test_a_stopped_training_saves_and_its_next_attempt_continues(job: JobUnderTest) -> None:
    train = "trainer.train()\nprint('after', trainer.state.global_step)"
    script = start_script(job, _TRAINER.format(epochs=100_000, save="no") + train)
    wait_for(lambda: job.status().get("step", 0) > 5, "steps", TIMEOUT)
    script.send_signal(signal.SIGTERM)
    printed, _ = finish_script(script)
    stopped = job.status()
    assert f"after {stopped['step']}\n" in printed  # the rest of the script runs too
    assert stopped["status"] == "STOPPED"
    assert stopped["checkpoint"] == f"artifacts/outputs/{job.job_id}/checkpoint-{stopped['step']}"
    assert (job.home.path / stopped["checkpoint"] / "model.safetensors").is_file()
    assert stopped["step"] not in [step for step, _ in values_of(job, "eval_loss")]  # no validation delays the stop

    epochs = stopped["epoch"] + 2
    job.queue(attempt=2)
    finish_script(start_script(job, _TRAINER.format(epochs=epochs, save="no") + train, attempt=2))
    status = job.status()
    assert status["first_step"] == stopped["step"] + 1
    assert (status["step"], status["total_steps"]) == (4 * epochs, 4 * epochs)


def test_an_own_checkpoint_of_the_script_has_priority(job: JobUnderTest) -> None:
    source = _TRAINER.format(epochs=2, save="epoch")
    run_script(job, source + "trainer.train()")
    output = job.home.path / "artifacts/outputs" / job.job_id
    saved = json.loads((output / "checkpoints.json").read_text())["transformers"]
    assert [path.rpartition("-")[2] for path in saved] == ["8", "4"]

    job.queue(attempt=2)
    finish_script(start_script(job, source + f"trainer.train({saved[1]!r})", attempt=2))
    assert job.status()["first_step"] == 5
