"""The supervisor starts a trainer, logs its output and records its exit."""

from __future__ import annotations

import os
import re
import signal
import sys
from pathlib import Path

import pytest
from job_under_test import JobUnderTest, finish, wait_for

from trainyard.identity import identity_of, is_alive


def test_a_job_passes_from_starting_to_its_exit_file(job: JobUnderTest) -> None:  # scenario 1
    job.write_status(status="QUEUED", created_at=5.5, sequence=1, transitions=[{"status": "QUEUED", "at": 5.5}])
    assert finish(job.supervise()) == (0, "")
    ended = job.exit()
    assert job.statuses() == ["QUEUED", "STARTING", "LOADING", "RUNNING", "COMPLETED"]
    assert job.status()["created_at"] == 5.5
    assert {**ended, "started_at": 0, "finished_at": 0, "max_rss_bytes": 0} == {
        "version": 1, "job_id": job.job_id, "attempt": 1, "exit_code": 0, "signal": None, "started_at": 0,
        "finished_at": 0, "max_rss_bytes": 0, "oom_killed": False, "spawn_error": None,
    }  # fmt: skip
    assert ended["started_at"] < ended["finished_at"]
    assert 1 << 20 < ended["max_rss_bytes"] < 1 << 32
    assert [text[:10] for _, text in job.log()] == ["Epoch 1/3:", "Epoch 2/3:", "Epoch 3/3:"]


def test_the_status_starting_contains_the_supervisor(job: JobUnderTest) -> None:
    supervisor = job.supervise_script("sys.stdin.readline(); signal.pause()")
    status = wait_for(job.status, "a status")
    assert job.statuses() == ["STARTING"]
    assert status["supervisor"] == identity_of(supervisor.pid)
    assert (status["pid"], status["process"]) == (None, None)
    assert status["started_at"] is not None


def test_the_trainer_leads_its_own_group_and_knows_its_job(job: JobUnderTest) -> None:
    finish(
        job.supervise_script("""
        print(os.getpgid(0) == os.getsid(0) == os.getpid(), repr(sys.stdin.read()))
        print(*(os.environ["TRAINYARD_" + name] for name in ("HOME", "JOB_ID", "ATTEMPT")))
        print("to stderr", file=sys.stderr)
        """)
    )
    assert job.log()[:2] == [("stdout", "True ''"), ("stdout", f"{job.home.path} {job.job_id} 1")]
    assert ("stderr", "to stderr") in job.log()


@pytest.mark.parametrize(
    ("end", "code", "name"),
    [
        ("sys.exit(3)", 3, None),
        ("os.kill(os.getpid(), signal.SIGKILL)", None, "SIGKILL"),
        ("os.abort()", None, "SIGABRT"),
    ],
)
def test_the_exit_file_contains_exit_code_or_signal(
    job: JobUnderTest, end: str, code: int | None, name: str | None
) -> None:
    assert finish(job.supervise_script(end))[0] == 0  # scenario 5
    assert (job.exit()["exit_code"], job.exit()["signal"], job.exit()["oom_killed"]) == (code, name, False)


def test_a_command_that_cannot_be_started_is_a_spawn_error(job: JobUnderTest) -> None:
    finish(job.supervise_command(["/nowhere/python"]))
    assert "/nowhere/python" in job.exit()["spawn_error"]
    assert (job.exit()["exit_code"], job.exit()["signal"]) == (None, None)


def test_a_missing_spec_is_a_spawn_error(job: JobUnderTest) -> None:
    job.home.spec(job.job_id).unlink()
    assert finish(job.supervise())[0] == 1
    assert "No such file" in job.exit()["spawn_error"]


def test_a_second_supervisor_does_nothing(job: JobUnderTest) -> None:  # scenario 9
    job.supervise_script("sys.stdin.readline(); signal.pause()")
    first = wait_for(job.status, "STARTING")
    second = job.supervise()
    code, errors = finish(second)
    assert (code, job.status()) == (75, first)
    # A log record, because the runner redirects standard error to the log.
    assert re.fullmatch(r"\S+Z stderr F trainyard: job \S+ already has a running process; nothing to do.\n", errors)


@pytest.mark.parametrize("ended", [1, 2])
def test_an_attempt_with_an_exit_file_is_not_run_again(job: JobUnderTest, ended: int) -> None:
    job.home.exit(job.job_id).parent.mkdir(parents=True)
    job.home.exit(job.job_id).write_text(f'{{"attempt": {ended}}}')
    assert finish(job.supervise()) == (0, "")
    assert job.status() == {}


@pytest.mark.parametrize("fields", [{"status": "STOPPED"}, {"status": "QUEUED", "attempt": 2}])
def test_an_attempt_with_a_terminal_status_is_not_run_again(job: JobUnderTest, fields: dict[str, object]) -> None:
    job.write_status(**fields)
    before = job.status()
    assert finish(job.supervise()) == (0, "")
    assert (job.status(), job.exit()) == (before, {})


def test_a_new_attempt_of_an_ended_job_runs(job: JobUnderTest) -> None:
    finish(job.supervise(attempt=1))
    job.queue(2, epochs=6)
    finish(job.supervise(attempt=2))
    assert (job.exit()["attempt"], job.status()["attempt"]) == (2, 2)
    assert job.statuses() == ["QUEUED", "STARTING", "LOADING", "RUNNING", "COMPLETED"]
    assert {line["attempt"] for line in job.metrics()} == {1, 2}


def test_a_stop_signal_goes_only_to_the_trainer(job: JobUnderTest) -> None:  # scenario 2
    supervisor = job.supervise_script("""
        who = "trainer" if os.fork() else "loader"
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda number, frame: print(who, signal.Signals(number).name, flush=True))
        print(who, "ready", flush=True)
        for _ in range(2):
            signal.pause()
        """)
    wait_for(lambda: len(job.log()) == 2, "both processes")
    supervisor.send_signal(signal.SIGHUP)
    supervisor.send_signal(signal.SIGTERM)
    wait_for(lambda: len(job.log()) == 3, "SIGTERM")
    supervisor.send_signal(signal.SIGINT)
    assert finish(supervisor)[0] == 0
    assert [text for _, text in job.log()[2:]] == ["trainer SIGTERM", "trainer SIGINT"]
    assert job.exit()["exit_code"] == 0


def test_a_stop_before_the_trainer_exists_is_forwarded(job: JobUnderTest) -> None:
    # The hook runs in the supervisor immediately before it starts the trainer.
    before = """
        import os, signal, sys
        sys.addaudithook(lambda event, _: event == "subprocess.Popen" and os.kill(os.getpid(), signal.SIGTERM))
        """
    assert finish(job.supervise_script("signal.pause()", before))[0] == 0
    assert job.exit()["signal"] == "SIGTERM"


def test_remaining_processes_of_the_group_are_killed(job: JobUnderTest) -> None:
    supervisor = job.supervise_script("""
        read_fd, write_fd = os.pipe()
        if os.fork() == 0:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            print(os.getpid(), flush=True)
            os.write(write_fd, b"!")
            while True:
                time.sleep(1)
        os.read(read_fd, 1)
        """)
    assert finish(supervisor)[0] == 0
    left_over = int(job.log()[0][1])
    assert identity_of(left_over) is None
    assert job.exit()["exit_code"] == 0


def test_all_output_is_in_the_log(job: JobUnderTest) -> None:
    finish(
        job.supervise_script("""
        for number in range(50_000):
            print(number)
        print("no newline", end="")
        """)
    )
    assert [text for _, text in job.log()] == [*map(str, range(50_000)), "no newline"]


def test_a_progress_bar_does_not_flood_the_log(job: JobUnderTest) -> None:
    finish(
        job.supervise_script("""
        for percent in range(101):
            print(f"\\r{percent}%", end="", flush=True)
            time.sleep(0.001)
        print()
        """)
    )
    shown = [text for _, text in job.log()]
    assert shown[-1] == "100%"
    assert len(shown) < 20


def test_an_unwritable_log_does_not_block_the_trainer(job: JobUnderTest) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    job.home.log(job.job_id).parent.mkdir(parents=True)
    job.home.log(job.job_id).symlink_to("/dev/full")
    assert finish(job.supervise_script("print('x' * 1000 * 1000); print('y' * 1000 * 1000)"))[0] == 0
    assert job.exit()["exit_code"] == 0


def test_the_exit_file_is_written_on_a_full_disk(job: JobUnderTest) -> None:
    # After the trainer's death, no file can be created, as on a full disk.
    full = """
    import errno, os
    import trainyard.supervisor.watch
    watch, opened = trainyard.supervisor.watch.watch, os.open
    def fill_up(*arguments):
        ended = watch(*arguments)
        def refuse(path, flags, *rest, **named):
            if flags & os.O_CREAT:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return opened(path, flags, *rest, **named)
        os.open = refuse
        return ended
    trainyard.supervisor.watch.watch = fill_up
    """
    code, errors = finish(job.supervise_script("sys.exit(3)", full))
    assert (code, errors, job.exit()["exit_code"]) == (0, "", 3)
    assert list(job.home.staging.iterdir()) == []


SMALL_LOG = "import trainyard.logs.rotating_file; trainyard.logs.rotating_file.MAX_LOG_BYTES = 1_000_000"
FLOOD = "for number in range(100_000): print(number)"  # five times the limit


def test_a_flood_of_lines_fills_at_most_two_log_files(job: JobUnderTest) -> None:
    finish(job.supervise_script(FLOOD, SMALL_LOG))
    log = job.home.log(job.job_id)
    full = log.with_name(f"{log.name}.1")
    assert sorted(path.name for path in log.parent.iterdir()) == [log.name, full.name]
    # Rotated between lines, and no recent line is missing.
    records = full.read_text().splitlines() + log.read_text().splitlines()
    numbers = [int(record.split(" ")[3]) for record in records]
    assert numbers == list(range(100_000 - len(numbers), 100_000))
    assert log.stat().st_size <= 1_000_000 and full.stat().st_size <= 1_000_000


def test_the_supervisor_writes_its_own_messages_to_the_current_log(job: JobUnderTest) -> None:
    # As when the runner starts it: standard error is the log.
    before = f"""
        {SMALL_LOG}
        import os
        log = {str(job.home.log(job.job_id))!r}
        os.makedirs(os.path.dirname(log), exist_ok=True)
        os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND), 2)
        import atexit
        atexit.register(os.write, 2, b"the last word\\n")
        """
    finish(job.supervise_script(FLOOD, before))
    log = job.home.log(job.job_id)
    assert log.with_name(f"{log.name}.1").exists()
    assert log.read_text().endswith("\nthe last word\n")


def test_a_log_that_cannot_be_renamed_keeps_growing(job: JobUnderTest) -> None:
    log = job.home.log(job.job_id)
    (log.with_name(f"{log.name}.1") / "in the way").mkdir(parents=True)
    finish(job.supervise_script(FLOOD, SMALL_LOG))
    assert [text for _, text in job.log()] == [str(number) for number in range(100_000)]


def test_the_open_file_limit_of_the_trainer_is_the_maximum(job: JobUnderTest) -> None:
    before = "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (64, 5_000))"
    finish(job.supervise_script("import resource; print(*resource.getrlimit(resource.RLIMIT_NOFILE))", before))
    assert job.log() == [("stdout", "5000 5000")]


def test_a_training_continues_after_its_supervisor_was_killed(job: JobUnderTest) -> None:  # scenario 6
    job.spec(epochs=400, batch_size=8)
    supervisor = job.supervise(TRAINYARD_SIMULATION_STEP_SECONDS="0.005")
    wait_for(lambda: job.log() and job.status().get("process"), "the first epoch")
    trainer = job.status()["process"]
    os.kill(supervisor.pid, signal.SIGKILL)
    supervisor.wait()
    assert is_alive(trainer)
    assert finish(job.supervise())[0] == 75  # the trainer holds the lock now
    wait_for(lambda: not is_alive(trainer), "the end of the trainer")
    assert job.statuses()[-1] == "COMPLETED"
    assert job.exit() == {}
    epochs = [int(text.split()[1].split("/")[0]) for stream, text in job.log() if stream == "stdout"]
    assert epochs[-1] == 400  # printed after the supervisor's death, but in the log
    assert epochs == sorted(epochs)
    assert len(epochs) >= 398  # only the output in the pipe at the supervisor's death is lost
    assert finish(job.supervise()) == (0, "")  # has a terminal status: not run again


def test_a_killed_trainer_leaves_no_terminal_status(job: JobUnderTest) -> None:  # scenario 5
    job.spec(epochs=100_000)
    supervisor = job.supervise(TRAINYARD_SIMULATION_STEP_SECONDS="0.005")
    wait_for(lambda: job.status().get("status") == "RUNNING", "RUNNING")
    os.kill(job.status()["pid"], signal.SIGKILL)
    assert finish(supervisor)[0] == 0
    assert (job.exit()["exit_code"], job.exit()["signal"]) == (None, "SIGKILL")
    assert job.status()["status"] == "RUNNING"


def test_partly_written_files_of_a_killed_trainer_are_removed(job: JobUnderTest) -> None:
    job.home.staging.mkdir(parents=True)
    of_another_job = job.home.staging / f"{job.job_id}0.pt.123456"
    of_another_job.write_text("half of")
    half = job.home.staging / f"{job.job_id}.state.pt.123456"
    finish(job.supervise_script(f"open({str(half)!r}, 'w').write('half of'); os.kill(os.getpid(), signal.SIGKILL)"))
    assert job.exit()["signal"] == "SIGKILL"
    assert list(job.home.staging.iterdir()) == [of_another_job]


def test_a_kill_by_the_oom_killer_is_recorded(job: JobUnderTest) -> None:
    group = Path(f"/sys/fs/cgroup/memory/trainyard_test_{os.getpid()}")
    try:
        group.mkdir()
        (group / "memory.limit_in_bytes").write_text("60000000")
    except OSError:
        pytest.skip("needs a writable memory control group (v1)")
    try:
        greedy = "kept = []\nwhile True:\n    kept.append(bytearray(10**6))"
        finish(job.supervise_script(greedy, before=f"open('{group}/cgroup.procs', 'w').write('0')"))
        assert (job.exit()["signal"], job.exit()["oom_killed"]) == ("SIGKILL", True)
    finally:
        group.rmdir()


def test_wrong_arguments_print_the_usage(job: JobUnderTest) -> None:
    code, errors = finish(job.start([sys.executable, "-m", "trainyard.supervisor", "."]))
    assert (code, errors) == (2, "usage: python -m trainyard.supervisor <home> <job_id> <attempt>\n")


@pytest.mark.parametrize("code", ["ENOLCK", "ENOSYS"])
def test_a_file_system_without_locks_does_not_keep_a_job_from_running(job: JobUnderTest, code: str) -> None:
    before = f"""
        import errno, fcntl, os
        def flock(*_: object) -> None:
            raise OSError(errno.{code}, os.strerror(errno.{code}))
        fcntl.flock = flock
    """
    _, errors = finish(job.supervise_script("print('runs')", before))
    assert ("stdout", "runs") in job.log()
    assert job.exit()["exit_code"] == 0
    assert re.search(r"cannot lock the job: .*\. The job runs without a lock, .* Use a file system with flock", errors)


def test_the_lock_of_a_job_is_one_that_nfs_gives(job: JobUnderTest) -> None:
    # NFS emulates it with a lock on a range of bytes, which needs a descriptor for writing.
    before = """
        import fcntl
        def flock(fd: int, operation: int) -> None:
            fcntl.lockf(fd, operation)
        fcntl.flock = flock
    """
    _, errors = finish(job.supervise_script("print('runs')", before))
    assert ("stdout", "runs") in job.log()
    assert errors == ""
