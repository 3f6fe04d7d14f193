"""Packs a fitted estimator for deployment, and uploads it: for data scientists' notebooks and training jobs.

    from serving_containers.sklearn.packaging import package, upload

    packed = package(estimator, features=["age", "income"])
    upload(boto3.client("s3"), packed, bucket="...", key="churn/1/model.tar.gz")

The same estimator gives the same archive, byte for byte; its SHA-256 is what a deployment pins.
"""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import skops.io

from serving_containers.sklearn import archive
from serving_containers.sklearn.manifest import FORMAT, Manifest, encode, library_versions
from serving_containers.sklearn.model import open_model
from serving_containers.sklearn.skops_file import canonical

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

DIGEST_METADATA = "bulkhead-sha256"
"""The S3 metadata that states the archive's digest; a deployment reads it without the right to decrypt the object."""


@dataclass(frozen=True, kw_only=True)
class Package:
    """A model, packed.

    Attributes:
        archive: The bytes of `model.tar.gz`.
        sha256: Their SHA-256, in hex: `BULKHEAD_MODEL_SHA256` of the container.
        manifest: What the archive says about the model.
    """

    archive: bytes
    sha256: str
    manifest: Manifest


def package(estimator: Any, features: Sequence[str]) -> Package:
    """Packs a fitted estimator, after loading it back as the server will.

    Args:
        estimator: A fitted scikit-learn estimator (or pipeline) with `predict`, trained on a matrix of numbers.
        features: The names of the columns of that matrix, in order.

    Raises:
        ValueError: A feature's name is empty or there twice.
        ModelRefused: The server would refuse it: not fitted, another number of features, a type it does not trust.
    """
    names = tuple(str(name) for name in features)
    if len(set(names)) != len(names) or not all(names):
        raise ValueError(f"feature names must be unique and not empty: {names}")
    model = canonical(skops.io.dumps(estimator))
    manifest = Manifest(
        format=FORMAT,
        framework="scikit-learn",
        estimator=f"{type(estimator).__module__}.{type(estimator).__qualname__}",
        python=platform.python_version(),
        libraries=library_versions(),
        features=names,
        model_sha256=hashlib.sha256(model).hexdigest(),
    )
    files = {archive.MANIFEST: encode(manifest), archive.MODEL: model}
    packed = archive.pack(files)
    sha256 = hashlib.sha256(packed).hexdigest()
    open_model(files, sha256)
    return Package(archive=packed, sha256=sha256, manifest=manifest)


def upload(s3: S3Client, packed: Package, *, bucket: str, key: str) -> None:
    """Stores the archive in one part, so that S3 checks and keeps the SHA-256 of the whole.

    Args:
        s3: A client with the right to put that object.
        packed: What `package` made; at most 5 GB.
        bucket: The models bucket of the tenant; its default encryption applies.
        key: The artifact's key, as the tenant's spec names it.
    """
    s3.put_object(
        Bucket=bucket,
        Key=key,
        Body=packed.archive,
        ContentType="application/gzip",
        ChecksumAlgorithm="SHA256",
        Metadata={DIGEST_METADATA: packed.sha256},
    )
