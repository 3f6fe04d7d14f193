"""A request for any operation of a service, made from its model: every parameter with a value of its shape."""

from __future__ import annotations

from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape
from moto.core.utils import get_service_model

from tests.sandbox.enforcement.requests.calls import ACCOUNT, REGION, ROLE

_DEEPEST = 3
#: Values of parameters whose form the mapping reads, by their names.
_TEXTS = {
    "AccountId": ACCOUNT,
    "CopySource": "bucket/key",
    "RoleArn": ROLE,
    "SAMLAssertion": "PHIvPg==",
    "WebIdentityToken": "e30.e30.x",
}


def parameters_of(service: str, operation: str) -> dict[str, Any]:
    """Parameters for an operation."""
    shape: Any = get_service_model(service).operation_model(operation).input_shape
    if shape is None:
        return {}
    return {name: _value(name, member, 0) for name, member in shape.members.items()}


def _value(name: str, shape: Shape, depth: int) -> Any:
    if isinstance(shape, StructureShape):
        if depth > _DEEPEST:
            return {}
        return {inner: _value(inner, member, depth + 1) for inner, member in shape.members.items()}
    if isinstance(shape, ListShape):
        return [_value(name, shape.member, depth + 1)]
    if isinstance(shape, MapShape):
        return {"name": _value(name, shape.value, depth + 1)}
    scalars: dict[str, Any] = {"boolean": True, "integer": 1, "long": 1, "float": 1.0, "double": 1.0, "blob": b"x"}
    return scalars.get(shape.type_name) or _text(name)


def _text(name: str) -> str:
    if name in _TEXTS:
        return _TEXTS[name]
    if name.lower().endswith("arn"):
        return f"arn:aws:none:{REGION}:{ACCOUNT}:none/none"
    return {"Resources": "vpc-1", "ResourceIds": "vpc-1"}.get(name, "value")
