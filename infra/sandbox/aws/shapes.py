"""Resource properties to AWS API members and back, by botocore's service models.

Names match without regard to case and plural ("kmsMasterKeyId" is "KMSMasterKeyID", "rule" is "Rules"); an entry of
the table names only the exceptions, by the property's dotted path or its last name. Single nested blocks become lists
of one where the API has a list, tag maps become lists of key and value, and documents that boto3 decodes become JSON.
"""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from botocore.model import ListShape, Shape, StructureShape

from infra.sandbox.aws.limits import violations
from infra.sandbox.aws.schema import PropertySchema
from infra.sandbox.aws.wire import Properties, has_unknown

Names = Mapping[str, str]
"""Property (dotted path or last name) -> API member (or dotted path of members)."""


@dataclass
class Translation:
    """An API request made of properties: its parameters, and what is wrong with them as (property path, reason)."""

    parameters: dict[str, Any] = field(default_factory=dict[str, Any])
    problems: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])


def _plain(name: str) -> str:
    return name.replace("_", "").replace("-", "").lower()


def _singular(name: str) -> str:
    return name[:-3] + "y" if name.endswith("ies") else name.removesuffix("s")


def find_member(shape: Shape, path: str, names: Names) -> str | None:
    """Return the member of the structure that carries the property at the path, or None."""
    if not isinstance(shape, StructureShape):
        return None
    leaf = path.rpartition(".")[2]
    renamed = names.get(path) or names.get(leaf)
    if renamed:
        return renamed if renamed.partition(".")[0] in shape.members else None
    wanted = _plain(leaf)
    members = {_plain(name): name for name in shape.members}
    by_singular = {_singular(name): member for name, member in members.items()}
    return members.get(wanted) or by_singular.get(_singular(wanted))


def to_api(shape: Shape, properties: Properties, names: Names) -> Translation:
    """Return the properties as parameters of the structure; those it has no member for are problems."""
    result = Translation()
    result.parameters = cast("dict[str, Any]", _to_member(shape, properties, names, "", result.problems))
    return result


def _to_member(shape: Shape, value: Any, names: Names, path: str, problems: list[tuple[str, str]]) -> Any:
    if isinstance(shape, StructureShape):
        return _to_structure(shape, value, names, path, problems)
    if isinstance(shape, ListShape):
        item: Shape = shape.member
        if isinstance(value, Mapping):
            entries = cast("Mapping[str, Any]", value)
            if is_tag(item):
                return tag_list(item, entries)
            value = [entries]
        items = cast("Sequence[Any]", value if isinstance(value, list) else [value])
        return [_to_member(item, each, names, f"{path}[{index}]", problems) for index, each in enumerate(items)]
    if shape.type_name == "map" or has_unknown(value):
        return value
    if shape.type_name == "string" and isinstance(value, dict | list):
        return json.dumps(value)
    problems += [(path, reason) for reason in violations(shape, value)]
    return value


def _to_structure(
    shape: StructureShape, value: Any, names: Names, path: str, problems: list[tuple[str, str]]
) -> dict[str, Any]:
    if isinstance(value, list) and len(cast("list[Any]", value)) == 1:
        value = cast("list[Any]", value)[0]
    if not isinstance(value, Mapping):
        if not has_unknown(value):
            problems.append((path, "the offline provider cannot express this value"))
        return {}
    made: dict[str, Any] = {}
    for name, inner in cast("Mapping[str, Any]", value).items():
        if inner is None:
            continue
        inner_path = f"{path}.{name}" if path else name
        member = find_member(shape, _without_indices(inner_path), names)
        if member is None:
            problems.append((inner_path, "the offline provider does not support this property"))
        else:
            *outer, last = member.split(".")
            target, inner_shape = made, shape
            for part in outer:
                target, inner_shape = target.setdefault(part, {}), cast("StructureShape", inner_shape.members[part])
            target[last] = _to_member(inner_shape.members[last], inner, names, inner_path, problems)
    return made


def _without_indices(path: str) -> str:
    return ".".join(part.partition("[")[0] for part in path.split("."))


def from_api(shape: Shape, answer: Mapping[str, Any], fields: Mapping[str, PropertySchema], names: Names) -> Properties:
    """Return the properties in an answer of the shape; None for those that it could carry but does not."""
    return _from_structure(shape, answer, fields, names, "")


def _from_structure(
    shape: Shape, answer: Mapping[str, Any], fields: Mapping[str, PropertySchema], names: Names, path: str
) -> Properties:
    found: Properties = {}
    for name, schema in fields.items():
        inner_path = f"{path}.{name}" if path else name
        member = find_member(shape, inner_path, names)
        if member is None:
            continue
        inner_shape, value = _descend(shape, answer, member)
        if inner_shape is not None:
            found[name] = None if value is None else _from_member(inner_shape, value, schema, names, inner_path)
    return found


def _descend(shape: Shape, answer: Mapping[str, Any], member: str) -> tuple[Shape | None, Any]:
    value: Any = answer
    for part in member.split("."):
        if not isinstance(shape, StructureShape) or part not in shape.members:
            return None, None
        shape = shape.members[part]
        value = cast("Mapping[str, Any]", value).get(part) if isinstance(value, Mapping) else None
    return shape, value


def _from_member(shape: Shape, value: Any, schema: PropertySchema, names: Names, path: str) -> Any:
    if schema["kind"] == "object" and isinstance(shape, ListShape):
        items = cast("list[Any]", value)
        return _from_member(shape.member, items[0], schema, names, path) if items else None
    if schema["kind"] == "map":
        return tag_map(cast("list[Mapping[str, str]]", value)) if isinstance(shape, ListShape) else value
    if schema["kind"] == "object":
        found = _from_structure(shape, value, schema.get("fields", {}), names, path)
        return {name: inner for name, inner in found.items() if inner is not None}
    if schema["kind"] == "list":
        items = cast("list[Any]", value if isinstance(value, list) else [value])
        inner, item_schema = getattr(shape, "member", shape), schema.get("items", {"kind": "string"})
        return [_from_member(inner, item, item_schema, names, path) for item in items]
    return scalar(value)


def scalar(value: Any) -> Any:
    """Return a value of an answer as JSON can hold it: times as RFC 3339, decoded documents as JSON text."""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, dict | list):
        return json.dumps(value)
    return value


def is_tag(shape: Shape) -> bool:
    """Return whether the shape is a structure of a key and a value."""
    return isinstance(shape, StructureShape) and {_tag_part(name) for name in shape.members} == {"key", "value"}


def _tag_part(name: str) -> str:
    part = name.lower().removeprefix("tag")
    return "key" if part == "name" else part


def tag_list(shape: Shape, tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the map as a list of the structure, in the API's own spelling (Key, key, TagKey or Name)."""
    members = {_tag_part(name): name for name in cast("StructureShape", shape).members}
    return [{members["key"]: key, members["value"]: value} for key, value in tags.items()]


def tag_map(tags: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Return a list of keys and values, in whatever spelling, as a map."""
    pairs = [{_tag_part(name): value for name, value in tag.items()} for tag in tags]
    return {pair["key"]: pair.get("value", "") for pair in pairs}
