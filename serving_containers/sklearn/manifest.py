"""The manifest beside a model: what it was made with, and what it expects."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Mapping
from typing import Annotated

import msgspec

FORMAT = "bulkhead-sklearn/1"

# scikit-learn promises nothing between any two versions; the others keep what a model file holds within a minor one.
# Source: scikit-learn user guide, "Model persistence", security and maintainability limitations.
_SIGNIFICANT_PARTS = {"scikit-learn": 3, "numpy": 2, "scipy": 2, "skops": 2}


class ModelRefused(Exception):
    """The model must not, or cannot, be served; the message says why."""


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a model archive says about itself.

    Attributes:
        format: The version of this format, `FORMAT`.
        framework: Always scikit-learn.
        estimator: The class of the model, for people.
        python: The version of Python that trained it, for people: the format does not depend on it.
        libraries: Distribution name -> version that trained it.
        features: The names of the input columns, in order.
        model_sha256: The SHA-256 of the model file, in hex.
    """

    format: str
    framework: str
    estimator: str
    python: str
    libraries: dict[str, str]
    features: Annotated[tuple[Annotated[str, msgspec.Meta(min_length=1)], ...], msgspec.Meta(min_length=1)]
    model_sha256: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


def library_versions() -> dict[str, str]:
    """The versions that are installed here, of the libraries that matter."""
    return {name: importlib.metadata.version(name) for name in sorted(_SIGNIFICANT_PARTS)}


def encode(manifest: Manifest) -> bytes:
    """The manifest's file, the same bytes for the same manifest."""
    return msgspec.json.format(msgspec.json.encode(manifest, order="deterministic"), indent=2) + b"\n"


def decode(content: bytes) -> Manifest:
    """Reads a manifest's file.

    Raises:
        ModelRefused: It is not JSON, a field is missing, unknown or wrong, or the format is another one.
    """
    try:
        manifest = msgspec.json.decode(content, type=Manifest)
    except msgspec.DecodeError as error:
        raise ModelRefused(f"manifest.json: {error}") from None
    if manifest.format != FORMAT:
        raise ModelRefused(f"manifest.json: format {manifest.format!r} is not {FORMAT!r}, which this image serves")
    return manifest


def check_versions(manifest: Manifest, installed: Mapping[str, str]) -> None:
    """Refuses a model that was trained with other library versions than those here.

    Raises:
        ModelRefused: Names each library, both versions and the remedy.
    """
    skew: list[str] = []
    for name, parts in _SIGNIFICANT_PARTS.items():
        trained = manifest.libraries.get(name, "none")
        if trained.split(".")[:parts] != installed[name].split(".")[:parts]:
            skew.append(f"{name} {trained} (here: {installed[name]})")
    if skew:
        raise ModelRefused(
            f"the model was trained with other library versions than this image has: {', '.join(skew)}; "
            "train it again with the image's versions, or serve it with an image that has the model's"
        )
