"""Progress from Keras: `Model.fit`, its stop and its resume."""

from __future__ import annotations

import signal

from captured_script import TIMEOUT, finish_script, needs, run_script, start_script, values_of
from job_under_test import JobUnderTest, wait_for

pytestmark = needs("keras", "torch")

_MODEL = """
import numpy as np
import keras
from keras import layers

x = np.random.default_rng(0).normal(size=(64, 4)).astype("float32")
y = (x[:, 0] > 0).astype("float32")
model = keras.Sequential([layers.Input((4,)), layers.Dense(8, "relu"), layers.Dense(1, "sigmoid")])
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
"""


def test_fit_gives_batches_epochs_and_metrics(job: JobUnderTest) -> None:
    run_script(job, _MODEL + "model.fit(x, y, batch_size=16, epochs=3, validation_split=0.25)")
    status = job.status()
    assert (status["step"], status["total_steps"], status["epoch"], status["epochs"]) == (9, 9, 3, 3)
    assert [step for step, _ in values_of(job, "val_accuracy")] == [3, 6, 9]
    assert set(status["metrics"]) == {"loss", "accuracy", "val_loss", "val_accuracy"}


def test_a_second_fit_continues_the_steps(job: JobUnderTest) -> None:
    run_script(job, _MODEL + "for _ in range(2): model.fit(x, y, batch_size=16, epochs=2, verbose=0)")
    assert (job.status()["step"], job.status()["total_steps"]) == (16, 16)


def test_the_callback_of_the_script_is_used_instead_of_a_second_one(job: JobUnderTest) -> None:
    run_script(
        job,
        _MODEL
        + """
from trainyard.integrations.keras import TrainyardCallback
report = TrainyardCallback()
model.fit(x, y, batch_size=16, epochs=2, verbose=0, callbacks=[report])
""",
    )
    steps = [step for step, _ in values_of(job, "loss")]
    assert len(steps) == len(set(steps))


def test_a_stopped_training_saves_and_its_next_attempt_continues(job: JobUnderTest) -> None:
    fit = "model.fit(x, y, batch_size=16, epochs={}, verbose=0)\nprint('weights', model.get_weights()[0].sum())"
    script = start_script(job, _MODEL + fit.format(1_000_000))
    wait_for(lambda: job.status().get("step", 0) > 20, "steps", TIMEOUT)
    script.send_signal(signal.SIGTERM)
    finish_script(script)
    stopped = job.status()
    assert stopped["status"] == "STOPPED"
    assert (job.home.path / "artifacts/outputs" / job.job_id / "model.keras").is_file()

    epochs = stopped["epoch"] + 5
    job.queue(attempt=2)
    finish_script(start_script(job, _MODEL + fit.format(epochs), attempt=2))
    status = job.status()
    assert (status["step"], status["total_steps"]) == (4 * epochs, 4 * epochs)
    assert (stopped["epoch"] - 1) * 4 <= status["first_step"] <= stopped["step"] + 4


def test_a_backup_is_the_checkpoint_of_a_killed_training_and_its_next_attempt_continues(job: JobUnderTest) -> None:
    backup = "from trainyard.integrations import keras_backup\nkeras_backup._SECONDS_BETWEEN_BACKUPS = 0.5\n"
    script = start_script(job, backup + _MODEL + "model.fit(x, y, batch_size=16, epochs=1_000_000, verbose=0)")
    wait_for(lambda: job.status().get("checkpoint"), "a backup", TIMEOUT)
    script.kill()
    script.wait()
    killed = job.status()
    assert killed["checkpoint"] == f"artifacts/outputs/{job.job_id}/backup-1"
    assert (job.home.path / killed["checkpoint"] / "latest.weights.h5").is_file()

    job.queue(attempt=2)
    fit = f"model.fit(x, y, batch_size=16, epochs={killed['epoch'] + 3}, verbose=0)"
    finish_script(start_script(job, _MODEL + fit, attempt=2))
    assert 4 < job.status()["first_step"] <= killed["step"] + 5


def test_a_stopped_training_keeps_the_backup_of_the_script_and_its_next_attempt_continues(job: JobUnderTest) -> None:
    fit = "model.fit(x, y, batch_size=16, epochs={}, verbose=0, callbacks=[keras.callbacks.BackupAndRestore('backup')])"
    script = start_script(job, _MODEL + fit.format(1_000_000))
    wait_for(lambda: job.status().get("step", 0) > 20, "steps", TIMEOUT)
    script.send_signal(signal.SIGTERM)
    finish_script(script)
    stopped = job.status()
    assert stopped["checkpoint"] == f"artifacts/outputs/{job.job_id}/model.keras"

    job.queue(attempt=2)
    finish_script(start_script(job, _MODEL + fit.format(stopped["epoch"] + 3), attempt=2))
    status = job.status()
    # An epoch that the stop has interrupted is repeated.
    assert (stopped["epoch"] - 1) * 4 < status["first_step"] <= stopped["step"] + 1
    assert status["step"] == 4 * (stopped["epoch"] + 3)
    assert not (job.home.path / "trainers/backup").exists()  # a training that completes deletes it
