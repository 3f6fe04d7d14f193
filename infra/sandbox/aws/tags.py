"""Tags: the provider's defaults joined with the resource's, written and read by whatever the service calls them."""

from typing import Any, cast

from botocore.model import ListShape, MapShape, Shape, StructureShape

from infra.sandbox.aws.action import Action
from infra.sandbox.aws.shapes import is_tag, tag_list, tag_map
from infra.sandbox.aws.wire import Properties


def with_defaults(inputs: Properties, defaults: dict[str, str]) -> Properties:
    """Return the inputs with the provider's default tags below their own, as the official provider's check does."""
    tags = inputs.get("tags")
    if not defaults or isinstance(tags, str):
        return inputs
    return {**inputs, "tags": {**defaults, **(tags or {})}}


def creation_members(action: Action, operation: str) -> dict[str, Any]:
    """Return the request members that tag a resource as it is created, if the operation has any."""
    tags: dict[str, str] = action.props.get("tags") or {}
    shape = action.aws.operation(action.resource.service, operation).input_shape
    if not tags or not isinstance(shape, StructureShape):
        return {}
    kind = action.resource.tags.kind if action.resource.tags else ""
    if kind and "TagSpecifications" in shape.members:
        action.tagged = True
        listed = [{"Key": key, "Value": value} for key, value in tags.items()]
        return {"TagSpecifications": [{"ResourceType": kind, "Tags": listed}]}
    found = _tags_member(shape)
    if not found:
        return {}
    action.tagged = True
    name, member = found
    return {name: tag_list(member.member, tags) if isinstance(member, ListShape) else tags}


def write(action: Action) -> None:
    """Bring the tags from `action.old` to `action.props`."""
    entry = action.resource.tags
    if entry is None:
        return
    new: dict[str, str] = action.props.get("tags") or {}
    old: dict[str, str] = action.old.get("tagsAll") or action.old.get("tags") or {}
    target = action.fill(entry.resource)
    removed = [key for key in old if key not in new]
    if removed:
        _write(action, entry.untag, target, {key: old[key] for key in removed})
    changed = {key: value for key, value in new.items() if old.get(key) != value}
    if changed:
        _write(action, entry.tag, target, changed)


def _write(action: Action, operation: str, target: str, tags: dict[str, str]) -> None:
    shape = cast("StructureShape", action.aws.operation(action.resource.service, operation).input_shape)
    action.api(operation, **_target(shape, target), **_tag_values(shape, tags))


def _target(shape: StructureShape, target: str) -> dict[str, Any]:
    member = next(name for name in shape.required_members if not name.lower().startswith(("tag", "resourcetag")))
    return {member: [target] if isinstance(shape.members[member], ListShape) else target}


def _tag_values(shape: StructureShape, tags: dict[str, str]) -> dict[str, Any]:
    found = _tags_member(shape)
    if found:
        name, member = found
        return {name: tag_list(member.member, tags) if isinstance(member, ListShape) else tags}
    keys = next(name for name in shape.members if "tag" in name.lower() and name.lower().endswith("keys"))
    return {keys: list(tags)}


def _tags_member(shape: Shape) -> tuple[str, Shape] | None:
    for name, member in cast("StructureShape", shape).members.items():
        tag_like = name.lower() in ("tags", "tagslist", "resourcetags")
        if tag_like and (isinstance(member, MapShape) or (isinstance(member, ListShape) and is_tag(member.member))):
            return name, member
    return None


def read(action: Action) -> dict[str, str] | None:
    """Return the tags that AWS has for the resource, or None where another read answers them."""
    entry = action.resource.tags
    if entry is None or entry.listing is None:
        return None
    shape = cast("StructureShape", action.aws.operation(action.resource.service, entry.listing).input_shape)
    answer: dict[str, Any] = action.api(entry.listing, **_target(shape, action.fill(entry.resource)))
    return tags_in(answer)


def tags_in(answer: Any) -> dict[str, str]:
    """Return the tags found under whatever member of an answer holds them."""
    for name, value in cast("dict[str, Any]", answer).items():
        if name.lower() in ("tags", "tagslist", "resourcetags", "tagset"):
            return tag_map(cast("list[Any]", value)) if isinstance(value, list) else dict(value)
        if name.lower() == "resourcetaglist":
            return tags_in(value[0]) if value else {}
    return {}
