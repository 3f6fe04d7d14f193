"""The demo's models: small scikit-learn estimators, trained on real data sets that scikit-learn ships."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split  # pyright: ignore[reportUnknownVariableType]  it has no types
from sklearn.pipeline import make_pipeline  # pyright: ignore[reportUnknownVariableType]
from sklearn.preprocessing import StandardScaler


@dataclass(frozen=True, kw_only=True)
class Trained:
    """A fitted model with the rows that it has not seen.

    Args:
        estimator: The fitted scikit-learn estimator.
        features: Names of the columns.
        held_out: Rows for trying it, shape (n, columns).
        truth: What is true for those rows.
        labels: Names of the classes by number; empty for a regression.
    """

    estimator: BaseEstimator
    features: Sequence[str]
    held_out: NDArray[np.float64]
    truth: NDArray[Any]
    labels: Sequence[str]


def _train(loader: Callable[..., Any], estimator: Any) -> Trained:
    data = loader()
    split = cast("Callable[..., list[Any]]", train_test_split)
    seen, held_out, answers, truth = split(data.data, data.target, test_size=0.2, random_state=7)
    return Trained(
        estimator=estimator.fit(seen, answers),
        features=[str(name) for name in data.feature_names],
        held_out=held_out,
        truth=truth,
        labels=[str(label) for label in getattr(data, "target_names", ())],
    )


def train(model: str) -> Trained:
    """Train a model of the demo's specs by its name.

    Raises:
        KeyError: the demo has no data for a model of that name.
    """
    return _RECIPES[model]()


_RECIPES: dict[str, Callable[[], Trained]] = {
    "tumour": lambda: _train(
        load_breast_cancer, make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000, random_state=7))
    ),
    "cultivar": lambda: _train(load_wine, HistGradientBoostingClassifier(max_iter=40, random_state=7)),
    "progression": lambda: _train(load_diabetes, RandomForestRegressor(n_estimators=60, random_state=7)),
}
