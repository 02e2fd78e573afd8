"""The other models, with their default settings: RealMLP, and three of scikit-learn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

Model = Callable[[pd.DataFrame, pd.DataFrame, str, int], "np.ndarray[Any, Any]"]
"""(training rows, test rows, task, seed) -> predictions for the test rows."""


def _columns(frame: pd.DataFrame) -> tuple[list[str], list[str]]:
    """Return the names of the numeric features and of the other ones."""
    features = frame.iloc[:, :-1]
    numbers = list(features.select_dtypes("number").columns)
    return numbers, [name for name in features.columns if name not in numbers]


def _inputs(frame: pd.DataFrame) -> Any:
    numbers, categories = _columns(frame)
    return ColumnTransformer(
        [
            ("numbers", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numbers),
            ("categories", OneHotEncoder(handle_unknown="ignore", min_frequency=2), categories),
        ],
        sparse_threshold=0,
    )


def _with_scikit_learn(classifier: Callable[[int], Any], regressor: Callable[[int], Any]) -> Model:
    def run(train: pd.DataFrame, test: pd.DataFrame, task: str, seed: int) -> Any:
        estimator = classifier(seed) if task == "classification" else regressor(seed)
        model = make_pipeline(_inputs(train), estimator)
        model.fit(_with_gaps(train), train.iloc[:, -1])
        return model.predict(_with_gaps(test))

    return run


def _with_gaps(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the features with a word for each gap in a category."""
    _, categories = _columns(frame)
    return frame.iloc[:, :-1].assign(**{name: frame[name].astype(str) for name in categories})


def _realmlp(train: pd.DataFrame, test: pd.DataFrame, task: str, seed: int) -> Any:
    from pytabkit import RealMLP_TD_Classifier, RealMLP_TD_Regressor

    kind = RealMLP_TD_Classifier if task == "classification" else RealMLP_TD_Regressor
    numbers, categories = _columns(train)
    # It accepts no gaps in numbers.
    medians = train[numbers].median()
    model = kind(device="cpu", random_state=seed, n_threads=1, verbosity=0)
    target = train.iloc[:, -1]
    model.fit(_with_gaps(train).fillna(medians), target.to_numpy(), cat_col_names=categories)
    return model.predict(_with_gaps(test).fillna(medians))


def _scaled(regressor: Any) -> Any:
    return TransformedTargetRegressor(regressor, transformer=StandardScaler())


PEERS: dict[str, Model] = {
    "RealMLP": _realmlp,
    "linear": _with_scikit_learn(
        lambda _: LogisticRegression(max_iter=2000),
        lambda _: Ridge(),
    ),
    "MLP": _with_scikit_learn(
        lambda seed: MLPClassifier(random_state=seed),
        lambda seed: _scaled(MLPRegressor(random_state=seed)),
    ),
    "boosting": _with_scikit_learn(
        lambda seed: HistGradientBoostingClassifier(random_state=seed),
        lambda seed: HistGradientBoostingRegressor(random_state=seed),
    ),
}
