"""Which keys are valid where: read from a model's JSON Schema, so that it is said in one place only."""

from __future__ import annotations

from functools import cache
from typing import Any, cast

from infra.spec.common import SpecModel
from infra.spec.errors import KeyPath


def valid_keys(model: type[SpecModel], path: KeyPath) -> list[str]:
    """The keys that the mapping at `path` of a document of `model` may have."""
    return list(cast("dict[str, Any]", _schema_at(model, path).get("properties", {})))


@cache
def _schema(model: type[SpecModel]) -> dict[str, Any]:
    return model.model_json_schema()


def _schema_at(model: type[SpecModel], path: KeyPath) -> dict[str, Any]:
    root = _schema(model)
    schema = root
    for part in path:
        inner: Any
        if isinstance(part, int):
            inner = schema.get("items", {})
        else:
            inner = schema.get("properties", {}).get(part) or schema.get("additionalProperties") or {}
        schema = _resolved(root, cast("dict[str, Any]", inner))
    return schema


def _resolved(root: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    reference = schema.get("$ref")
    return root["$defs"][str(reference).rpartition("/")[2]] if reference else schema
