"""A script of the user runs as a job, unchanged: with real processes, through the supervisor."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from job_under_test import JobUnderTest, finish, wait_for


def run(job: JobUnderTest, attempt: int = 1, **environment: str) -> str:
    """Run the job to its end and return its last status."""
    finish(job.supervise(attempt, **environment))
    return str(job.statuses()[-1])


def printed(job: JobUnderTest, stream: str = "stdout") -> list[str]:
    return [text for name, text in job.log() if name == stream]


def wait_for_line(job: JobUnderTest, line: str) -> None:
    wait_for(lambda: line in printed(job), f"the line {line!r}")


def test_a_script_that_ends_is_completed_without_a_claim(job: JobUnderTest) -> None:
    job.trainer("for epoch in range(3): print(f'epoch {epoch} loss {1 / (epoch + 1):.4f}')")
    assert run(job) == "COMPLETED"
    assert job.statuses() == ["STARTING", "LOADING", "RUNNING", "COMPLETED"]
    assert job.status()["progress"] == 100
    assert [line["values"] for line in job.metrics()] == [{"loss": 1.0}, {"loss": 0.5}, {"loss": 0.3333}]
    assert printed(job) == ["epoch 0 loss 1.0000", "epoch 1 loss 0.5000", "epoch 2 loss 0.3333"]
    assert job.exit()["exit_code"] == 0


def test_a_script_is_the_program(job: JobUnderTest) -> None:
    path = job.trainer(
        """
        import os, sys, helper
        print(__name__, __file__ == sys.argv[0], sys.argv[1:], os.getcwd() == os.path.dirname(__file__), __spec__)
        print(sys.path[0] == os.getcwd(), helper.NAME, sys.modules["__main__"].helper is helper)
        print(*(os.environ["TRAINYARD_" + name] for name in ("JOB_ID", "ATTEMPT")), repr(sys.stdin.read()))
        print(os.environ["TRAINYARD_OUTPUT_DIR"], os.path.isdir(os.environ["TRAINYARD_OUTPUT_DIR"]))
        """,
        arguments=["--amp", "a b", "$HOME", ""],
    )
    (path.parent / "helper.py").write_text("NAME = 'the helper'")
    assert run(job) == "COMPLETED"
    outputs = job.home.path / "artifacts" / "outputs" / job.job_id
    assert printed(job) == [
        "__main__ True ['--amp', 'a b', '$HOME', ''] True None",
        "True the helper True",
        f"{job.job_id} 1 ''",
        f"{outputs} True",
    ]
    assert not outputs.exists()  # the script has written nothing


def test_settings_and_options_reach_the_flags_of_the_script(job: JobUnderTest) -> None:
    job.trainer(
        """
        import argparse
        parser = argparse.ArgumentParser()
        parser.add_argument("files", nargs="*")
        parser.add_argument("-b", "--batch-size", type=int)
        parser.add_argument("--epochs", type=int)
        parser.add_argument("--lr", type=float)
        parser.add_argument("--seed", type=int)
        parser.add_argument("--data")
        parser.add_argument("--layers", nargs="+", type=int)
        parser.add_argument("--tag", action="append")
        parser.add_argument("--note")
        parser.add_argument("-w", type=float)
        parser.add_argument("-v", action="count")
        parser.add_argument("--amp", action="store_true")
        parser.add_argument("--shuffle", action=argparse.BooleanOptionalAction, default=True)
        parser.add_argument("--output-dir")
        parser.add_argument("--resume")
        print(sorted(vars(parser.parse_args()).items()))
        """,
        dataset="sample.csv",
        epochs=7,
        batch_size=16,
        learning_rate=0.001,
        seed=-1,
        options={
            "files": ["a", "-5"], "layers": [1, 2], "tag": ["x", "-y"], "note": "--strange", "w": 0.5, "v": 2,
            "amp": True, "shuffle": False,
        },
        arguments=["--lr", "0.002"],
    )  # fmt: skip
    assert run(job) == "COMPLETED", job.status()["error"]
    (line,) = printed(job)
    assert dict(eval(line)) == {
        "files": ["a", "-5"], "batch_size": 16, "epochs": 7, "lr": 0.002, "seed": -1, "layers": [1, 2],
        "data": str(job.home.datasets / "sample.csv"), "tag": ["x", "-y"], "note": "--strange", "w": 0.5, "v": 2,
        "amp": True, "shuffle": False, "output_dir": str(job.home.outputs(job.job_id)), "resume": None,
    }  # fmt: skip


def test_a_template_and_the_metadata_shape_the_command(job: JobUnderTest) -> None:
    job.trainer(
        """
        # /// script
        # [tool.trainyard]
        # arguments = ["fit", "--data", "{dataset}", "--from", "{resume_from}", "{job_id}:{output_dir}", "{other}"]
        # options.width = 8
        # options.fast = true
        # environment.FLAVOUR = "sweet"
        # ///
        import os, sys
        print(sys.argv[1:], os.environ["FLAVOUR"])
        """,
        options={"width": 9, "fast": False},
    )
    assert run(job) == "COMPLETED", job.status()["error"]
    output = job.home.outputs(job.job_id)
    assert printed(job) == [f"['fit', '{job.job_id}:{output}', '{{other}}', '--width=9', '--no-fast'] sweet"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"epochs": 3}, "The trainer 'train' has no option for epochs. It accepts: learning_rate. Leave epochs out"),
        ({"options": {"width": 3}}, "The trainer 'train' has no option 'width'. Its options: deep, names."),
        ({"options": {"deep": False}}, "The option 'deep' cannot be false: the script has no flag for it."),
        ({"options": {"names": ["--x"]}}, "'--x' of the option 'names' starts with a hyphen"),
        ({"arguments": ["a\0b"]}, "An argument contains a NUL character"),
        ({"arguments": ["x" * 200_000]}, "is longer than 100000 bytes: use a file."),
        ({"dataset": "none.csv"}, "Dataset 'none.csv' not found"),
        ({"trainer": "other"}, "Unknown trainer 'other': use one of tabular, language-model, train."),
        ({"processes": 0.5}, "'processes' must be a whole number or null, but is 0.5."),
    ],
)
def test_a_setting_that_the_script_does_not_accept_is_refused(
    job: JobUnderTest, changes: dict[str, object], message: str
) -> None:
    job.trainer(
        """
        import argparse
        parser = argparse.ArgumentParser()
        parser.add_argument("--lr", type=float)
        parser.add_argument("--deep", action="store_const", const=True, default=True)
        parser.add_argument("--names", nargs="+")
        print("ran")
        """,
        **changes,  # type: ignore[arg-type]
    )
    if "deep" in str(changes):  # its default is true, and the script has no flag that turns it off
        path = job.home.path / "trainers" / "train.py"
        path.write_text("# /// script\n# [tool.trainyard.options.deep]\n# type = 'boolean'\n# default = true\n"
                        "# flag = '-d'\n# ///\nprint('ran')")  # fmt: skip
    assert run(job) == "ERROR"
    assert message in job.status()["error"]["message"]
    assert [message in line for _, line in job.log()] == [True]  # no traceback: it is not an error of the script


@pytest.mark.parametrize(
    ("end", "code", "message"),
    [
        ("raise ValueError('bad\\nshape')", 1, "ValueError: bad\nshape"),
        ("1 / 0", 1, "ZeroDivisionError: division by zero"),
        ("sys.exit('no data')", 1, "no data"),
        ("sys.exit(3)", 3, "The script exited with code 3; see its log."),
        ("sys.exit(True)", 1, "The script exited with code 1; see its log."),
        ("os._exit(4)", 4, "The script exited with code 4; see its log."),
        ("raise KeyboardInterrupt", 1, "KeyboardInterrupt"),
        ("import no_such_module", 1, "ModuleNotFoundError: No module named 'no_such_module'"),
        ("argparse.ArgumentParser(prog='x').parse_args()", 2, "unrecognized arguments: --y. Usage: x [-h]"),
    ],
)
def test_a_failure_has_the_message_and_the_exit_code_of_the_script(
    job: JobUnderTest, end: str, code: int, message: str
) -> None:
    path = job.trainer(f"import argparse, os, sys\nprint('before')\n{end}", arguments=["--y"])
    assert run(job) == "ERROR"
    error = job.status()["error"]
    assert (error["reason"], error["message"], job.exit()["exit_code"]) == ("TRAINER_ERROR", message, code)
    if "exit" not in end and "argparse" not in end:
        lines = error["traceback"].splitlines()
        assert lines[:2] == ["Traceback (most recent call last):", f'  File "{path}", line 3, in <module>']
        logged = "\n".join(text for _, text in job.log())
        assert logged.count("Traceback") == 1
        assert error["traceback"].strip() in logged
    if "no data" in end:
        assert printed(job, "stderr") == ["no data"]


@pytest.mark.parametrize("end", ["sys.exit(0)", "sys.exit()", "raise SystemExit", "os._exit(0)", "exit()"])
def test_a_script_that_exits_with_code_0_is_completed(job: JobUnderTest, end: str) -> None:
    job.trainer(f"import os, sys\n{end}")
    assert run(job) == "COMPLETED"
    assert job.exit()["exit_code"] == 0


def test_a_syntax_error_is_the_failure(job: JobUnderTest) -> None:
    job.trainer("x = 1\nx = = 2\n")
    assert run(job) == "ERROR"
    assert job.status()["error"]["message"] == "train.py, line 2: SyntaxError: invalid syntax."


def test_a_running_script_completes_after_its_threads_and_children(job: JobUnderTest) -> None:
    job.trainer(
        """
        import json, multiprocessing, os, threading, time

        def work(name):
            time.sleep(0.5)
            with open(f"{os.environ['TRAINYARD_HOME']}/artifacts/jobs/{os.environ['TRAINYARD_JOB_ID']}.json") as file:
                print(name, json.load(file)["status"], flush=True)

        if __name__ == "__main__":
            threading.Thread(target=work, args=("thread",)).start()
            multiprocessing.get_context("fork").Process(target=work, args=("child",)).start()
        """
    )
    assert run(job) == "COMPLETED"
    assert sorted(printed(job)) == ["child RUNNING", "thread RUNNING"]


def test_spawned_children_import_the_script_again(job: JobUnderTest) -> None:
    job.trainer(
        """
        import multiprocessing, sys

        class Batch:
            def __init__(self, rows): self.rows = rows

        def load(batch):
            return (__name__, sys.argv[1:], Batch(batch.rows + 1))

        if __name__ == "__main__":
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                name, arguments, batch = pool.apply(load, (Batch(1),))
            print(name, arguments, type(batch) is Batch, batch.rows)
        """,
        arguments=["x"],
    )
    assert run(job) == "COMPLETED", job.status()["error"]
    assert printed(job) == ["__mp_main__ ['x'] True 2"]


def test_a_folder_may_import_its_modules_relatively(job: JobUnderTest) -> None:
    path = job.trainer(
        """
        import multiprocessing, sys
        from . import parts
        from .parts.data import value
        import plain

        if __name__ == "__main__":
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                print(__package__, pool.apply(value), plain.VALUE, sys.argv[0] == __file__)
        """,
        "vision/__main__.py",
    )
    (path.parent / "plain.py").write_text("VALUE = 7")
    (path.parent / "parts").mkdir()
    (path.parent / "parts" / "data.py").write_text("from ..plain import VALUE\ndef value(): return VALUE")
    assert run(job) == "COMPLETED", job.log()
    assert printed(job) == ["vision 7 7 True"]


def test_a_folder_with_main_is_a_trainer(job: JobUnderTest) -> None:
    path = job.trainer("import inner, os; print(inner.VALUE, os.path.basename(os.getcwd()))", "vision/__main__.py")
    (path.parent / "inner.py").write_text("VALUE = 5")
    assert run(job) == "COMPLETED"
    assert printed(job) == ["5 vision"]


def test_a_folder_with_the_name_of_a_module_cannot_import_relatively(job: JobUnderTest) -> None:
    job.trainer("from . import parts", "textwrap/__main__.py")
    assert run(job) == "ERROR"
    assert job.status()["error"]["message"].endswith("has another module 'textwrap': rename the folder.")


def test_the_trainers_can_be_in_another_folder(job: JobUnderTest, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "elsewhere.py").write_text("print('here')")
    job.spec(trainer="elsewhere", dataset=None, epochs=None, batch_size=None, learning_rate=None, seed=None)
    assert run(job, TRAINYARD_TRAINERS=str(tmp_path / "mine")) == "COMPLETED", job.status()["error"]


def test_a_script_with_a_reporter_reports_through_the_one_of_its_job(job: JobUnderTest) -> None:
    job.trainer(
        """
        from trainyard import Reporter
        with Reporter.from_environment() as report:
            report.begin(total_steps=20_000_000_000, epochs=1)
            for step in range(1, 11):
                report.step(step=step * 2_000_000_000, epoch=1, loss=1 / step)
        print("after the block")
        """
    )
    assert run(job) == "COMPLETED", job.status()["error"]
    assert job.statuses() == ["STARTING", "LOADING", "RUNNING", "COMPLETED"]
    assert (job.status()["step"], job.status()["loss"]) == (20_000_000_000, 0.1)
    assert printed(job) == ["after the block"]


def test_of_two_spawned_processes_one_reports(job: JobUnderTest) -> None:
    job.trainer(
        """
        import multiprocessing

        def train(rank, started):
            from trainyard import Reporter
            with Reporter.from_environment() as report:
                started.wait()
                for step in range(1, 11):
                    report.step(step=step, loss=100.0 * rank + step)

        if __name__ == "__main__":
            spawn = multiprocessing.get_context("spawn")
            started = spawn.Barrier(2)
            ranks = [spawn.Process(target=train, args=(rank, started)) for rank in range(2)]
            for rank in ranks: rank.start()
            for rank in ranks: rank.join()
            print(*(rank.exitcode for rank in ranks))
        """
    )
    assert run(job) == "COMPLETED", job.log()
    assert printed(job) == ["0 0"]
    losses = [line["values"]["loss"] for line in job.metrics()]
    assert [loss % 100 for loss in losses] == [1, 5, 10]
    assert len({loss // 100 for loss in losses}) == 1


@pytest.mark.parametrize("stop", [False, True])
def test_children_in_other_sessions_end_with_the_job(job: JobUnderTest, stop: bool) -> None:
    job.trainer(
        f"""
        import subprocess, time
        same = subprocess.Popen(["sleep", "600"])
        other = subprocess.Popen(["sleep", "600"], start_new_session=True)
        print("children", same.pid, other.pid, flush=True)
        time.sleep({600 if stop else 0})
        """
    )
    supervisor = job.supervise()
    (line,) = wait_for(lambda: printed(job), "the children")
    if stop:
        supervisor.terminate()
    finish(supervisor)
    assert job.statuses()[-1] == ("STOPPED" if stop else "COMPLETED")
    assert not any(os.path.exists(f"/proc/{pid}") for pid in line.split()[1:])


STOPPED = {
    "plain": "while True: time.sleep(0.1)",
    "catches": "try:\n    time.sleep(60)\nexcept KeyboardInterrupt:\n    print('saved')",
    "exits": "try:\n    time.sleep(60)\nexcept KeyboardInterrupt:\n    sys.exit(1)",
    "handles": "signal.signal(signal.SIGTERM, lambda *_: sys.exit(5))\nprint('set', flush=True)\nsignal.pause()",
    "ends as by a signal": "signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))\n"
    "print('set', flush=True)\nsignal.pause()",
    "threads": "threading.Thread(target=lambda: ended.wait()).start()\n"
    "try:\n    ended.wait()\nfinally:\n    ended.set()",
}


@pytest.mark.parametrize("script", STOPPED)
def test_a_stop_interrupts_a_script_as_ctrl_c_does(job: JobUnderTest, script: str) -> None:
    lines = "import signal, sys, threading, time\nended = threading.Event()\nprint('ready', flush=True)\n"
    job.trainer(lines + STOPPED[script])
    supervisor = job.supervise()
    wait_for_line(job, "set" if "print('set'" in STOPPED[script] else "ready")
    supervisor.terminate()
    finish(supervisor)
    assert job.statuses()[-1] == ("ERROR" if script == "handles" else "STOPPED"), job.log()
    assert job.exit()["exit_code"] == (5 if script == "handles" else 0)
    assert ("saved" in printed(job)) == (script == "catches")
    assert not any("Traceback" in line for line in printed(job, "stderr"))


@pytest.mark.parametrize(("steps", "status"), [(3, "STOPPED"), (1, "COMPLETED")])
def test_a_script_that_ends_early_in_its_own_handler_is_stopped(job: JobUnderTest, steps: int, status: str) -> None:
    job.trainer(
        f"""
        import signal, sys
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        print("step 1/{steps} loss 0.5")
        print("ready", flush=True)
        signal.pause()
        """
    )
    supervisor = job.supervise()
    wait_for_line(job, "ready")
    supervisor.terminate()
    finish(supervisor)
    assert (job.statuses()[-1], job.exit()["exit_code"]) == (status, 0)


def test_a_resumed_script_gets_the_checkpoint_of_its_job(job: JobUnderTest) -> None:
    job.trainer(
        """
        import argparse, os, pathlib, sys
        parser = argparse.ArgumentParser()
        parser.add_argument("--resume_from_checkpoint")
        parser.add_argument("--steps", type=int, default=2)
        args = parser.parse_args()
        given = sum("--resume" in argument for argument in sys.argv)
        print(given, args.resume_from_checkpoint and pathlib.Path(args.resume_from_checkpoint).name)
        for name in ("checkpoint-2", "checkpoint-3", "backup"):
            pathlib.Path(os.environ["TRAINYARD_OUTPUT_DIR"], name).mkdir(exist_ok=True)
        pathlib.Path(os.environ["TRAINYARD_OUTPUT_DIR"], "backup", "training_metadata.json").touch()
        """
    )
    outputs = f"artifacts/outputs/{job.job_id}"
    assert run(job) == "COMPLETED", job.status()["error"]
    assert job.status()["reads_checkpoint"]
    for attempt, name in ((2, "checkpoint-2"), (3, "checkpoint-9"), (4, "../../../../checkpoint"), (5, "backup")):
        job.queue(attempt, checkpoint=f"{outputs}/{name}")
        assert run(job, attempt) == "COMPLETED", job.status()["error"]
    job.trainer((job.home.path / "trainers" / "train.py").read_text(), arguments=["--resume_from", "x-7"])
    job.queue(6, checkpoint=f"{outputs}/checkpoint-2")
    assert run(job, 6) == "COMPLETED", job.status()["error"]
    assert not job.status()["reads_checkpoint"]
    # Missing, outside the home folder, and a backup that only Keras reads.
    assert printed(job) == ["0 None", "1 checkpoint-2", "0 None", "0 None", "0 None", "1 x-7"]


def test_a_resume_switch_is_set_once_there_is_a_checkpoint(job: JobUnderTest) -> None:
    job.trainer(
        """
        # /// script
        # [tool.trainyard]
        # arguments = ["--from={resume_from}"]
        # ///
        import argparse, os, pathlib
        parser = argparse.ArgumentParser()
        parser.add_argument("--resume", action="store_true")
        parser.add_argument("--from", dest="start")
        args = parser.parse_args()
        print(args.resume, args.start and os.path.basename(args.start))
        pathlib.Path(os.environ["TRAINYARD_OUTPUT_DIR"], "last.ckpt").touch()
        """
    )
    found = f"artifacts/outputs/{job.job_id}/last.ckpt"
    for attempt, checkpoint in ((1, None), (2, None), (3, found)):
        job.queue(attempt, checkpoint=checkpoint)
        assert run(job, attempt) == "COMPLETED", job.status()["error"]
    assert printed(job) == ["False None", "False None", "True last.ckpt"]


def test_a_virtual_environment_next_to_the_script_runs_it(job: JobUnderTest) -> None:
    folder = job.home.path / "trainers"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / ".venv"], check=True)
    (site,) = (folder / ".venv" / "lib").glob("python*/site-packages")
    (site / "only_there.py").write_text("VALUE = 7")
    job.trainer(
        """
        import importlib.util, multiprocessing, os, sys, only_there
        from trainyard import Reporter

        def child():
            import trainyard.reporter
            print("child", sys.prefix.endswith(".venv"), flush=True)

        if __name__ == "__main__":
            print(sys.prefix, only_there.VALUE, importlib.util.find_spec("numpy"))
            print(os.getpid() == os.getpgid(0), os.path.basename(os.environ["PYTHONPATH"]))
            with Reporter.from_environment() as report:
                report.step(step=3)
            process = multiprocessing.get_context("spawn").Process(target=child)
            process.start()
        """
    )
    assert run(job) == "COMPLETED", job.log()
    assert printed(job) == [f"{folder / '.venv'} 7 None", "True importable", "child True"]
    assert job.status()["step"] == 3


def test_an_entry_point_of_a_package_runs(job: JobUnderTest, tmp_path: Path) -> None:
    site = tmp_path / "site"
    for folder in ("lab", "lab-1.0.dist-info"):
        (site / folder).mkdir(parents=True)
    (site / "lab" / "__init__.py").write_text("")
    (site / "lab" / "values.py").write_text("VALUE = 5")
    (site / "lab" / "__main__.py").write_text("from .values import VALUE\nprint(__name__, VALUE)")
    (site / "lab" / "fit.py").write_text("import sys\ndef main():\n    print(sys.argv[1:])\n    return 3")
    (site / "lab-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: lab\nVersion: 1.0\n")
    points = "[trainyard.trainers]\nlab = lab\nfit = lab.fit:main\n"
    (site / "lab-1.0.dist-info" / "entry_points.txt").write_text(points)
    path = os.pathsep.join([str(site), os.environ["PYTHONPATH"]])
    job.trainer("", "unused.py", trainer="lab")
    assert run(job, PYTHONPATH=path) == "COMPLETED", job.log()
    job.trainer("", "unused.py", trainer="fit", arguments=["x"])
    job.queue(2)
    assert run(job, 2, PYTHONPATH=path) == "ERROR"
    assert (printed(job), job.exit()["exit_code"]) == (["__main__ 5", "['x']"], 3)


def test_a_killed_script_leaves_its_signal(job: JobUnderTest) -> None:
    job.trainer("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")
    assert run(job) == "RUNNING"
    assert job.exit()["signal"] == signal.SIGKILL.name
    assert json.loads(job.home.exit(job.job_id).read_text())["exit_code"] is None
