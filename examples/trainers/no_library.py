"""Gradient descent in plain Python: no library at all."""

import argparse
import random
import time

parser = argparse.ArgumentParser(description="Fit a line to noisy points")
parser.add_argument("--epochs", type=int, default=50)
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--seed", type=int, default=0)
args = parser.parse_args()

random.seed(args.seed)
points = [(x / 50, 3 * x / 50 + 1 + random.gauss(0, 0.1)) for x in range(50)]
slope = offset = 0.0
for epoch in range(1, args.epochs + 1):
    errors = [slope * x + offset - y for x, y in points]
    slope -= args.lr * 2 * sum(error * x for error, (x, _) in zip(errors, points)) / len(points)
    offset -= args.lr * 2 * sum(errors) / len(points)
    loss = sum(error * error for error in errors) / len(points)
    print(f"epoch {epoch}/{args.epochs} loss {loss:.4f}", flush=True)
    time.sleep(0.05)
print(f"y = {slope:.2f} x + {offset:.2f}")
