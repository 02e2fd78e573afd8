"""Record finished runs in a database of MLflow: ``mlflow_runs.py URI COUNT``."""

import sys
import time

from mlflow.entities import Metric, Param
from mlflow.tracking import MlflowClient

client = MlflowClient(sys.argv[1])
for number in range(int(sys.argv[2])):
    run = client.create_run("0", run_name=f"run {number}", tags={"purpose": "nightly"})
    now = int(time.time() * 1000)
    values = {"loss": (number * 7919) % 1000 / 1000, "val_loss": (number * 7907) % 1000 / 1000}
    client.log_batch(
        run.info.run_id,
        metrics=[Metric(name, value, now, 100) for name, value in values.items()],
        params=[Param("epochs", "100"), Param("learning_rate", "0.03")],
    )
    client.set_terminated(run.info.run_id)
