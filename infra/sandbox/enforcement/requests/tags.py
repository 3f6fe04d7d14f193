"""The tags in a request: each service writes them in its own way.

Source: the API references of the services; IAM User Guide, "AWS global condition context keys" (``aws:RequestTag``,
``aws:TagKeys``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, cast
from urllib.parse import parse_qsl

#: Parameters that hold tags or keys of tags, in lower case.
_TAGS = frozenset({"tags", "taglist", "tagslist", "resourcetags", "tagkeys", "resourcetagkeys", "tagkeylist"})
_KEYS: Final = ("Key", "key", "TagKey", "tagKey")
_VALUES: Final = ("Value", "value", "TagValue", "tagValue")


def requested_tags(parameters: Mapping[str, Any], resource_type: str | None = None) -> Mapping[str, str | None]:
    """The tags that a request gives to a resource or takes away; the value is None where only the key is said.

    Args:
        parameters: The request's parameters.
        resource_type: With EC2, which gives each type of resource in a request its own tags: the type.
    """
    found: dict[str, str | None] = {}
    for name, value in parameters.items():
        if name.lower() in _TAGS:
            found.update(_pairs(value))
    specifications = cast("list[Mapping[str, Any]]", parameters.get("TagSpecifications") or [])
    for specification in specifications:
        if specification.get("ResourceType") == resource_type:
            found.update(_pairs(specification.get("Tags")))
    return found


def tagged_types(parameters: Mapping[str, Any]) -> tuple[str, ...]:
    """The types of resources that a request of EC2 makes with tags."""
    specifications = cast("list[Mapping[str, Any]]", parameters.get("TagSpecifications") or [])
    return tuple(str(one["ResourceType"]) for one in specifications if one.get("ResourceType") and one.get("Tags"))


def tags_of_header(written: str) -> Mapping[str, str]:
    """The tags of S3's header ``x-amz-tagging``, which is written like a query."""
    return dict(parse_qsl(written, keep_blank_values=True))


def _pairs(value: object) -> Iterator[tuple[str, str | None]]:
    if isinstance(value, dict):
        own = cast("dict[str, object]", value)
        if "TagSet" in own or "Items" in own:
            yield from _pairs(own.get("TagSet") or own.get("Items"))
            return
        yield from ((key, str(given)) for key, given in own.items() if not isinstance(given, (dict, list)))
    elif isinstance(value, list):
        for item in cast("list[object]", value):
            if isinstance(item, str):
                yield item, None
            elif isinstance(item, dict):
                entry = cast("dict[str, object]", item)
                key = next((entry[name] for name in _KEYS if name in entry), None)
                given = next((entry[name] for name in _VALUES if name in entry), None)
                if key is not None:
                    yield str(key), None if given is None else str(given)
