"""The end of a script with processes of its own, which it started with multiprocessing."""

from __future__ import annotations

from job_under_test import JobUnderTest, finish, wait_for


def test_a_stop_ends_the_ranks_that_do_not_handle_it(job: JobUnderTest) -> None:
    job.trainer("""
        import multiprocessing, time
        from trainyard import Reporter

        def rank(k):
            if k == 1:
                time.sleep(600)  # waits for rank 0, as in a collective
            with Reporter.from_environment() as report:
                report.on_stop(lambda: print("saved", flush=True))
                for step in range(1, 10**9):
                    report.step(step=step, loss=1 / step)
                    time.sleep(0.01)

        if __name__ == "__main__":
            ranks = [multiprocessing.get_context("spawn").Process(target=rank, args=(k,)) for k in (0, 1)]
            for process in ranks:
                process.start()
            for process in ranks:
                process.join()
        """)
    supervisor = job.supervise()
    wait_for(lambda: job.status().get("step", 0) > 0, "the first step")
    supervisor.terminate()
    finish(supervisor)
    assert job.statuses()[-2:] == ["STOPPING", "STOPPED"]
    assert job.exit()["exit_code"] == 0
    assert ("stdout", "saved") in job.log()
