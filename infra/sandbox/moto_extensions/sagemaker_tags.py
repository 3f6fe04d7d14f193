"""SageMaker tags: AddTags gives a tag that is there already its new value; moto lists it twice.

Source: Amazon SageMaker API Reference, "AddTags" (overwrites the value of an existing key).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from moto.sagemaker.models import SageMakerModelBackend

from infra.sandbox.moto_extensions.registry import wrap

_Tags = Sequence[dict[str, str]]


def apply() -> None:
    """Changes moto."""
    wrap(SageMakerModelBackend, "add_tags", _add)


def _add(original: Callable[..., _Tags], backend: SageMakerModelBackend, arn: str, tags: _Tags) -> _Tags:
    backend.delete_tags(arn, [tag["Key"] for tag in tags])
    return original(backend, arn, tags)
