"""SageMaker tags: AddTags gives a tag that is there already its new value; a missing resource is an error of AWS.

Source: Amazon SageMaker API Reference, "AddTags" (overwrites the value of an existing key).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from moto.sagemaker.exceptions import ValidationError
from moto.sagemaker.models import SageMakerModelBackend

from infra.sandbox.moto_extensions.registry import wrap

_Tags = Sequence[dict[str, str]]


def apply() -> None:
    """Changes moto."""
    wrap(SageMakerModelBackend, "add_tags", _add)
    wrap(SageMakerModelBackend, "_get_resource_from_arn", _find)


def _find(original: Callable[[SageMakerModelBackend, str], Any], backend: SageMakerModelBackend, arn: str) -> Any:
    found = None if arn.count("/") != 1 else original(backend, arn)
    if found is None:
        raise ValidationError("Requested resource not found.")
    return found


def _add(original: Callable[..., _Tags], backend: SageMakerModelBackend, arn: str, tags: _Tags) -> _Tags:
    backend.delete_tags(arn, [tag["Key"] for tag in tags])
    return original(backend, arn, tags)
