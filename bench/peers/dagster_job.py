"""A Dagster job that logs the time ten times a second."""

import time

from dagster import Definitions, OpExecutionContext, job, op


@op
def report(context: OpExecutionContext) -> None:
    for _ in range(50):
        context.log.info(f"at {time.time()}")
        time.sleep(0.1)


@job
def training() -> None:
    report()


definitions = Definitions(jobs=[training])
