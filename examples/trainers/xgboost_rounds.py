"""Boosted trees with XGBoost."""

import argparse

import numpy as np
import xgboost as xgb

parser = argparse.ArgumentParser()
parser.add_argument("--rounds", type=int, default=200)
parser.add_argument("--eta", type=float, default=0.1, help="learning rate")
parser.add_argument("--max-depth", type=int, default=4)
parser.add_argument("--seed", type=int, default=0)
args = parser.parse_args()

rng = np.random.default_rng(args.seed)
x = rng.normal(size=(4000, 10))
y = (x[:, 0] * x[:, 1] + 0.5 * x[:, 2] + 0.1 * rng.normal(size=4000) > 0).astype(int)
train, valid = xgb.DMatrix(x[:3000], y[:3000]), xgb.DMatrix(x[3000:], y[3000:])

model = xgb.train(
    {"objective": "binary:logistic", "eval_metric": ["logloss", "auc"], "eta": args.eta, "max_depth": args.max_depth},
    train,
    num_boost_round=args.rounds,
    evals=[(train, "train"), (valid, "valid")],
    verbose_eval=50,
)
print("predictions", model.predict(valid)[:5])
