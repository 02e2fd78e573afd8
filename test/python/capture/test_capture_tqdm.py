"""Progress from tqdm bars."""

from __future__ import annotations

from captured_script import needs, run_script, values_of
from job_under_test import JobUnderTest

pytestmark = needs("tqdm")


def test_a_bar_gives_step_total_and_the_numbers_of_its_postfix(job: JobUnderTest) -> None:
    run_script(
        job,
        """
        import time
        from tqdm import tqdm
        bar = tqdm(range(30))
        for step in bar:
            bar.set_postfix(loss=f"{1 / (step + 1):.3f}", note="text")
            time.sleep(0.02)
        """,
    )
    status = job.status()
    assert (status["step"], status["total_steps"]) == (30, 30)
    losses = values_of(job, "loss")
    assert len(losses) > 1
    assert losses[-1][1] == 0.033
    assert all(line["values"].keys() <= {"loss"} for line in job.metrics())


def test_bars_of_epochs_are_counted_together_and_validation_bars_are_not(job: JobUnderTest) -> None:
    run_script(
        job,
        """
        from tqdm.auto import tqdm, trange
        EPOCHS = 3

        def run(loader, desc):
            for batch in tqdm(loader, desc=desc):
                pass

        for epoch in range(EPOCHS):
            for batch in tqdm(range(20)):
                pass
            run(range(5), "val")
        """,
    )
    status = job.status()
    assert (status["step"], status["total_steps"], status["epoch"], status["epochs"]) == (60, 60, 3, 3)


def test_of_nested_bars_the_outermost_counts(job: JobUnderTest) -> None:
    run_script(
        job,
        """
        from tqdm import tqdm, trange
        for e in trange(4, desc="training"):
            with tqdm(total=100, leave=False) as inner:
                for _ in range(10):
                    inner.update(10)
                inner.set_postfix({"acc": 0.1 * e})
        """,
    )
    status = job.status()
    assert (status["step"], status["total_steps"]) == (4, 4)
    assert [round(value, 3) for _, value in values_of(job, "acc")] == [0.0, 0.1, 0.2, 0.3]


def test_a_bar_over_all_steps_is_not_multiplied_by_the_epochs(job: JobUnderTest) -> None:
    run_script(
        job,
        """
        from tqdm.auto import tqdm
        num_train_epochs = 3
        progress_bar = tqdm(range(3 * 10))
        for epoch in range(num_train_epochs):
            for batch in range(10):
                progress_bar.update(1)
        """,
    )
    status = job.status()
    assert (status["step"], status["total_steps"]) == (30, 30)


def test_the_description_of_a_bar_names_the_epoch(job: JobUnderTest) -> None:
    run_script(
        job,
        """
        from tqdm import tqdm
        for e in range(2, 5):  # a resumed script
            for batch in (bar := tqdm(range(10), desc=f"Epoch {e}/4")):
                bar.set_description(f"Epoch {e}/4 loss: {batch / 10}")
        """,
    )
    status = job.status()
    assert (status["step"], status["total_steps"], status["epoch"], status["epochs"]) == (40, 40, 4, 4)
    assert values_of(job, "loss")[-1] == (40, 0.9)


def test_downloads_and_disabled_bars_are_ignored(job: JobUnderTest) -> None:
    run_script(
        job,
        """
        from tqdm import tqdm
        with tqdm(total=1000, unit="B", unit_scale=True) as bar:
            bar.update(1000)
        for _ in tqdm(range(7), disable=True):
            pass
        for _ in tqdm(iter(range(12))):  # without a total
            pass
        """,
    )
    status = job.status()
    assert (status["step"], status["total_steps"]) == (12, None)


def test_a_number_is_not_taken_from_a_bar_and_from_its_line(job: JobUnderTest) -> None:
    run_script(
        job,
        """
        from tqdm import tqdm
        for epoch in range(3):
            bar = tqdm(range(5))
            for _ in bar:
                bar.set_postfix(loss=0.5)
            bar.close()
            print(f"Epoch {epoch + 1}/3 train loss 0.75 val_loss 0.25")
        """,
    )
    assert {value for _, value in values_of(job, "loss")} == {0.5}
    assert values_of(job, "val_loss") == [(5, 0.25), (10, 0.25), (15, 0.25)]
    assert job.status()["total_steps"] == 15


def test_numbers_of_a_validation_bar_are_metrics_of_the_validation(job: JobUnderTest) -> None:
    run_script(
        job,
        """
        from tqdm import tqdm
        for epoch in range(2):
            for part, size, loss in (("Training", 6, 0.5), ("Validating", 3, 0.75)):
                with tqdm(range(size), desc=part) as bar:
                    for _ in bar:
                        bar.set_postfix(loss=loss, val_acc=0.25)
        """,
    )
    assert {value for _, value in values_of(job, "loss")} == {0.5}
    assert {value for _, value in values_of(job, "val_loss")} == {0.75}
    assert values_of(job, "val_val_acc") == []
    assert job.status()["step"] == 12
