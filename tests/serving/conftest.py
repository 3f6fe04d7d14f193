"""A small model, packed once, and a server that serves it."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any, cast

import pytest
from serving_process import FEATURES, ServingProcess, unpack
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier

from serving_containers.sklearn.packaging import Package, package


@pytest.fixture(scope="session")
def estimator() -> Any:
    rows, species = cast("Any", load_iris)(return_X_y=True)
    forest: Any = RandomForestClassifier(n_estimators=5, random_state=0)
    return forest.fit(rows, species)


@pytest.fixture(scope="session")
def packed(estimator: Any) -> Package:
    return package(estimator, FEATURES)


@pytest.fixture
def model_folder(packed: Package, tmp_path: Path) -> Path:
    return unpack(packed.archive, tmp_path / "model")


@pytest.fixture(scope="module")
def server(packed: Package, tmp_path_factory: pytest.TempPathFactory) -> Generator[ServingProcess]:
    folder = unpack(packed.archive, tmp_path_factory.mktemp("served") / "model")
    with ServingProcess(folder, packed.sha256) as process:
        process.wait_for("model loaded")
        yield process
