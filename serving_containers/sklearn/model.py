"""Loads a model from its folder: digest first, then manifest, versions and types, and only then the model itself."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import skops.io

from serving_containers.sklearn import archive
from serving_containers.sklearn.manifest import Manifest, ModelRefused, check_versions, decode, library_versions
from serving_containers.sklearn.trusted import TRUSTED_TYPES

Rows = npt.NDArray[np.float64]


class Estimator(Protocol):
    """What the server needs of a fitted scikit-learn estimator."""

    n_features_in_: int

    def predict(self, rows: Rows, /) -> npt.NDArray[Any]:
        """The prediction for each row."""
        ...


@dataclass(frozen=True)
class Model:
    """A model that passed every check.

    Attributes:
        manifest: What its archive says about it.
        estimator: The fitted estimator.
    """

    manifest: Manifest
    estimator: Estimator


def load(folder: Path, sha256: str | None) -> Model:
    """Loads the model in a folder. The files are read once, so that what is checked is what is loaded.

    Args:
        folder: Holds `manifest.json` and `model.skops`, and nothing else.
        sha256: The SHA-256, in hex, of the archive that was deployed; None skips the check of the digest.

    Raises:
        ModelRefused: A file is missing or unexpected, or one of the reasons of `open_model`.
    """
    return open_model(_read(folder), sha256)


def open_model(files: Mapping[str, bytes], sha256: str | None) -> Model:
    """Makes a model of an archive's members.

    Args:
        files: Member name -> content.
        sha256: The SHA-256, in hex, of the archive that was deployed; None skips the check of the digest.

    Raises:
        ModelRefused: The digest differs, the manifest is not valid, the library versions differ, or the model file
            holds a type that is not trusted.
    """
    if sha256 is not None and not hmac.compare_digest(archive.digest(files), sha256):
        raise ModelRefused(
            f"the model's archive has SHA-256 {archive.digest(files)}, but {sha256} was deployed: it was changed "
            "after the deployment, or not packed by serving_containers.sklearn.packaging"
        )
    manifest = decode(files[archive.MANIFEST])
    content = files[archive.MODEL]
    if not hmac.compare_digest(hashlib.sha256(content).hexdigest(), manifest.model_sha256):
        raise ModelRefused("model.skops is not the file that manifest.json describes: its SHA-256 differs")
    check_versions(manifest, library_versions())
    estimator = _loads(content)
    features = getattr(estimator, "n_features_in_", None)
    if not callable(getattr(estimator, "predict", None)) or features is None:
        raise ModelRefused(f"{type(estimator).__name__} is not a fitted estimator with a predict method")
    if features != len(manifest.features):
        raise ModelRefused(f"the model takes {features} features, but manifest.json names {len(manifest.features)}")
    return Model(manifest, estimator)


def _read(folder: Path) -> dict[str, bytes]:
    try:
        found = {path.name for path in folder.iterdir()}
    except OSError as error:
        raise ModelRefused(f"the model folder {folder} cannot be read: {error.strerror}") from None
    if found != set(archive.MEMBERS):
        raise ModelRefused(f"the model folder holds {sorted(found)}, not {sorted(archive.MEMBERS)}")
    return {name: (folder / name).read_bytes() for name in archive.MEMBERS}


def _loads(content: bytes) -> Any:
    try:
        untrusted = set(skops.io.get_untrusted_types(data=content)) - TRUSTED_TYPES
    except Exception as error:
        raise ModelRefused(f"model.skops is not a skops file: {type(error).__name__}: {error}") from error
    if untrusted:
        raise ModelRefused(f"model.skops holds types that are not trusted: {', '.join(sorted(untrusted))}")
    try:
        return skops.io.loads(content, trusted=sorted(TRUSTED_TYPES))
    except Exception as error:
        raise ModelRefused(f"model.skops cannot be loaded: {type(error).__name__}: {error}") from error
