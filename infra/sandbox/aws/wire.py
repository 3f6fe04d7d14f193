"""Property maps on the wire: protobuf structs to plain values and back, with the engine's marker for unknown ones."""

from collections.abc import Mapping
from typing import Any, cast

from google.protobuf import struct_pb2

Properties = dict[str, Any]
"""Resource properties as plain JSON-like values, keyed by their Pulumi (camelCase) names."""

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""How the engine writes a value that is not known before a deployment (`pulumi.runtime.rpc.UNKNOWN`)."""

_SIGNATURE = "4dabf18193072939515e22adb298388d"
_WRAPPED = "1b47061264138c4ac30d75fd1eb44270"


def from_struct(struct: struct_pb2.Struct) -> Properties:
    """Return the struct as a dict; whole numbers become ints, nulls are dropped and secrets are unwrapped."""
    found = {key: _from_value(value) for key, value in struct.fields.items()}
    return {key: value for key, value in found.items() if value is not None}


def _from_value(value: struct_pb2.Value) -> Any:
    match value.WhichOneof("kind"):
        case "number_value":
            number = value.number_value
            return int(number) if number.is_integer() else number
        case "string_value":
            return value.string_value
        case "bool_value":
            return value.bool_value
        case "struct_value":
            inner = from_struct(value.struct_value)
            return inner.get("value") if inner.get(_SIGNATURE) == _WRAPPED else inner
        case "list_value":
            return [_from_value(item) for item in value.list_value.values]
        case _:
            return None


def to_struct(properties: Mapping[str, Any]) -> struct_pb2.Struct:
    """Return the properties as a struct, without those that are None."""
    struct = struct_pb2.Struct()
    struct.update(cast("dict[str, Any]", _without_none(properties)))
    return struct


def _without_none(value: Any) -> Any:
    if isinstance(value, Mapping):
        items = cast("Mapping[str, Any]", value).items()
        return {key: _without_none(item) for key, item in items if item is not None}
    if isinstance(value, list | tuple):
        return [_without_none(item) for item in cast("list[Any]", value)]
    return value


def block(inputs: Mapping[str, Any], *path: str) -> Properties:
    """Return the nested block at the path; an empty one where it, or one on the way, is not given or not known yet."""
    found: Any = inputs
    for name in path:
        found = cast("Mapping[str, Any]", found).get(name)
        if not isinstance(found, Mapping):
            return {}
    return dict(cast("Mapping[str, Any]", found))


def has_unknown(value: Any) -> bool:
    """Return whether the value is, or holds anywhere inside, one that is not known yet."""
    if isinstance(value, Mapping):
        return any(has_unknown(item) for item in cast("Mapping[str, Any]", value).values())
    if isinstance(value, list | tuple):
        return any(has_unknown(item) for item in cast("list[Any]", value))
    return value == UNKNOWN
