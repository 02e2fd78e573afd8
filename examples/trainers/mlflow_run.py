"""A loop that logs to MLflow, in a folder next to this script."""

import argparse
import os
from pathlib import Path

os.environ.setdefault("MLFLOW_ALLOW_FILE_STORE", "true")
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")

import mlflow
import numpy as np

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=10)
parser.add_argument("--learning-rate", type=float, default=0.5)
args = parser.parse_args()

rng = np.random.default_rng(0)
x = rng.normal(size=(400, 3))
y = (x @ [1.0, -2.0, 0.5] > 0).astype(float)
weights = np.zeros(3)

mlflow.set_tracking_uri(Path(__file__).with_name("mlruns").absolute().as_uri())
with mlflow.start_run():
    mlflow.log_params(vars(args))
    for epoch in range(1, args.epochs + 1):
        probability = 1 / (1 + np.exp(-x @ weights))
        loss = -np.mean(y * np.log(probability + 1e-9) + (1 - y) * np.log(1 - probability + 1e-9))
        weights -= args.learning_rate * x.T @ (probability - y) / len(y)
        mlflow.log_metric("loss", loss, step=epoch)
        mlflow.log_metrics({"accuracy": float(np.mean((probability > 0.5) == y))}, step=epoch)
