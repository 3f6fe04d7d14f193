"""Packing a model: the same bytes each time, readable by any tool, and refused early when it could not be served."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
import tarfile
import zipfile
from typing import Any, cast

import boto3
import numpy as np
import pytest
from botocore.stub import ANY, Stubber
from sklearn import feature_selection
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.feature_selection import SelectKBest
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import Matern, WhiteKernel
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neighbors import KNeighborsRegressor
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from serving_containers.sklearn import archive
from serving_containers.sklearn.manifest import ModelRefused
from serving_containers.sklearn.model import open_model
from serving_containers.sklearn.packaging import DIGEST_METADATA, Package, package, upload

FILES = {archive.MANIFEST: b"{}", archive.MODEL: bytes(range(256)) * 1000}


def _members(packed: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(packed), mode="r:gz") as opened:
        return {member.name: (opened.extractfile(member) or io.BytesIO()).read() for member in opened}


def test_an_archive_has_known_bytes() -> None:
    """The format may never change: what was deployed would be refused."""
    packed = archive.pack(FILES)
    assert archive.digest(FILES) == hashlib.sha256(packed).hexdigest()
    assert archive.digest(FILES) == "668f03f1c81f31ae83faf500899f2fd4e9653c68197e7630cbc10556fee36c11"


def test_an_archive_is_a_plain_tarball() -> None:
    assert _members(archive.pack(FILES)) == FILES


@pytest.mark.parametrize("size", [0, 1, 511, 512, 65535, 65536, 65535 * 3])
def test_archives_of_any_size_are_valid(size: int) -> None:
    files = {archive.MANIFEST: b"x", archive.MODEL: bytes(size)}
    assert _members(archive.pack(files)) == files
    assert archive.digest(files) == hashlib.sha256(archive.pack(files)).hexdigest()


@pytest.mark.parametrize("names", [[archive.MODEL], [*archive.MEMBERS, "code.py"]])
def test_an_archive_holds_two_members_only(names: list[str]) -> None:
    with pytest.raises(ValueError, match="nothing else"):
        archive.pack(dict.fromkeys(names, b""))


def test_the_same_model_gives_the_same_archive_in_another_process(packed: Package) -> None:
    program = """
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from serving_containers.sklearn.packaging import package
rows, species = load_iris(return_X_y=True)
estimator = RandomForestClassifier(n_estimators=5, random_state=0).fit(rows, species)
print(package(estimator, ["sepal length", "sepal width", "petal length", "petal width"]).sha256)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == packed.sha256


def test_another_model_gives_another_archive(estimator: Any, packed: Package) -> None:
    assert package(estimator, ["a", "b", "c", "d"]).sha256 != packed.sha256


def test_the_manifest_tells_versions_features_and_digest(packed: Package) -> None:
    members = _members(packed.archive)
    manifest = json.loads(members["manifest.json"])
    assert manifest["format"] == "bulkhead-sklearn/1"
    assert manifest["features"] == ["sepal length", "sepal width", "petal length", "petal width"]
    assert manifest["model_sha256"] == hashlib.sha256(members["model.skops"]).hexdigest()
    assert set(manifest["libraries"]) == {"numpy", "scikit-learn", "scipy", "skops"}


def test_no_time_and_no_address_is_left_in_the_model_file(packed: Package) -> None:
    with zipfile.ZipFile(io.BytesIO(_members(packed.archive)["model.skops"])) as opened:
        assert {info.date_time for info in opened.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert all(len(info.filename) < 12 for info in opened.infolist())


def _pipeline(*steps: Any) -> Any:
    return Pipeline([(type(step).__name__, step) for step in steps])


ROWS = np.random.default_rng(0).normal(size=(60, 4))
TARGET = ROWS @ np.array([1.0, 2.0, 3.0, 4.0])


@pytest.mark.parametrize(
    "estimator",
    [
        _pipeline(StandardScaler(), LogisticRegression()),
        _pipeline(
            ColumnTransformer([("scale", StandardScaler(), [0, 1])], remainder="passthrough"), LinearRegression()
        ),
        _pipeline(SelectKBest(cast("Any", feature_selection).f_regression, k=2), LinearRegression()),
        HistGradientBoostingRegressor(max_iter=3),
        GaussianProcessRegressor(Matern() + WhiteKernel()),
        KNeighborsRegressor(algorithm="ball_tree", metric="manhattan"),
        MLPRegressor(hidden_layer_sizes=(3,), solver="sgd", max_iter=3, tol=1e9, n_iter_no_change=1),
        LinearRegression(),
    ],
    ids=lambda estimator: type(estimator).__name__,
)
def test_common_estimators_predict_the_same_after_a_round_trip(estimator: Any) -> None:
    estimator.fit(ROWS, np.where(TARGET > 0, "high", "low") if "Logistic" in repr(estimator) else TARGET)
    packed = package(estimator, ["a", "b", "c", "d"])
    loaded = open_model(_members(packed.archive), packed.sha256).estimator
    assert list(loaded.predict(ROWS)) == list(estimator.predict(ROWS))


def test_what_the_server_would_refuse_is_refused_when_it_is_packed(estimator: Any) -> None:
    with pytest.raises(ValueError, match="unique"):
        package(estimator, ["a", "a", "b", "c"])
    with pytest.raises(ModelRefused, match=r"4 features, but manifest\.json names 2"):
        package(estimator, ["a", "b"])
    with pytest.raises(ModelRefused, match="not a fitted estimator"):
        package(LinearRegression(), ["a"])
    with pytest.raises(ModelRefused, match="not trusted"):
        package(FunctionTransformer(subprocess.list2cmdline), ["a", "b", "c", "d"])


def test_upload_states_the_digest_and_lets_s3_check_it(packed: Package) -> None:
    s3 = cast("Any", boto3).client("s3", region_name="eu-central-1", aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(s3) as stub:
        stub.add_response(
            "put_object",
            {},
            {
                "Bucket": "models",
                "Key": "churn/model.tar.gz",
                "Body": packed.archive,
                "ContentType": ANY,
                "ChecksumAlgorithm": "SHA256",
                "Metadata": {DIGEST_METADATA: packed.sha256},
            },
        )
        upload(s3, packed, bucket="models", key="churn/model.tar.gz")
        stub.assert_no_pending_responses()
