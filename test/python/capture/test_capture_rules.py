"""The rules that hold for all sources: priority, the setting, and errors."""

from __future__ import annotations

from captured_script import needs, run_script, start_script, values_of
from job_under_test import JobUnderTest

from trainyard.capture.metric_names import metric_key
from trainyard.capture.sources import SOURCES, selected_sources

_LIBRARY = """
class tqdm:
    pass
"""


def test_the_setting_selects_sources() -> None:
    warnings: list[str] = []

    def select(setting: str | None) -> set[str]:
        return set(selected_sources(setting, warnings.append))

    assert select(None) == select("") == select("all") == set(SOURCES)
    assert select("none") == set()
    assert select("tqdm, lines") == {"tqdm", "lines"}
    assert select("-tqdm,-lines") == set(SOURCES) - {"tqdm", "lines"}
    assert warnings == []
    assert select("tqdm,bars") == {"tqdm"}
    assert "unknown source 'bars'" in warnings[0]


def test_names_that_mean_the_same_have_the_same_key() -> None:
    assert metric_key("train/loss") == metric_key("Loss/train") == metric_key("loss") == metric_key("epoch_loss")
    assert metric_key("eval_loss") == metric_key("val/loss") == metric_key("Validation Loss")
    assert metric_key("val_loss") != metric_key("loss")
    assert metric_key("train") != metric_key("epoch")


@needs("tqdm")
def test_the_reporter_of_the_script_has_priority(job: JobUnderTest) -> None:
    run_script(
        job,
        """
        from tqdm import tqdm
        from trainyard import Reporter
        with Reporter.from_environment() as report:
            report.begin(total_steps=500, epochs=5)
            for step in (bar := tqdm(range(1, 6))):
                report.step(step=100 * step, epoch=step, loss=1.0)
                bar.set_postfix(loss=2.0, accuracy=0.5)
                print(f"epoch {step}/5 loss 3.0")
        """,
    )
    status = job.status()
    assert (status["step"], status["total_steps"], status["epoch"]) == (500, 500, 5)
    assert values_of(job, "loss") == [(100 * step, 1.0) for step in range(1, 6)]
    assert status["metrics"]["accuracy"] == 0.5


def test_an_unknown_version_of_a_library_disables_its_source(job: JobUnderTest) -> None:
    library = job.home.path / "trainers" / "tqdm"
    library.mkdir(parents=True)
    (library / "__init__.py").write_text("from .std import tqdm")
    (library / "std.py").write_text(_LIBRARY)
    script = start_script(job, "import tqdm\nprint('epoch 1/2 loss 0.5')")
    printed, errors = script.communicate(timeout=60)
    assert (script.returncode, printed) == (0, "epoch 1/2 loss 0.5\n")
    assert errors.count("progress from tqdm is no longer captured (AttributeError") == 1
    assert values_of(job, "loss") == [(1, 0.5)]


def test_no_library_is_imported_that_the_script_does_not_import(job: JobUnderTest) -> None:
    printed, _ = run_script(job, "import sys\nprint(sorted(name.partition('.')[0] for name in sys.modules))")
    libraries = (
        "torch",
        "numpy",
        "tqdm",
        "transformers",
        "lightning",
        "keras",
        "xgboost",
        "lightgbm",
        "mlflow",
        "wandb",
    )
    assert not [library for library in libraries if f"'{library}'" in printed]


@needs("tqdm")
def test_a_patched_module_is_as_before_for_tools_that_look_at_it(job: JobUnderTest) -> None:
    run_script(
        job,
        """
        import inspect
        from importlib.machinery import SourceFileLoader
        import tqdm.std
        assert type(tqdm.std.__loader__) is SourceFileLoader
        assert "class tqdm" in inspect.getsource(tqdm.std)
        """,
    )


def test_an_error_in_a_hook_never_reaches_the_script(job: JobUnderTest) -> None:
    script = start_script(
        job,
        """
        import trainyard.capture.lines as lines
        lines.parse_line = lambda *_: 1 / 0
        print("epoch 1/2 loss 0.5")
        print("epoch 2/2 loss 0.4")
        """,
    )
    printed, errors = script.communicate(timeout=60)
    assert (script.returncode, printed) == (0, "epoch 1/2 loss 0.5\nepoch 2/2 loss 0.4\n")
    assert errors.count("progress from lines is no longer captured (ZeroDivisionError") == 1
