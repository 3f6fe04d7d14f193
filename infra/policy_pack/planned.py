"""A planned resource as the rules of the pack see it: with its place in the stack and its provider's settings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from infra.constraints import UNKNOWN, PlannedResource
from infra.constraints.values import text


@dataclass(frozen=True, kw_only=True)
class StackResource(PlannedResource):
    """A resource of a stack.

    Attributes:
        urn: Its URN; empty where a test needs none.
        provider: The inputs of its provider; empty where it has none.
        provider_urn: The URN of its provider; empty where it has none.
        leads_to: Property to the URNs of the resources that its value comes from; empty for a single resource.
        depends_on: The URNs of what is made before it.
        parent: The URN of the component that it is part of; a part is made after all that its component depends on.
    """

    urn: str = ""
    provider: Mapping[str, Any] = field(default_factory=dict[str, Any])
    provider_urn: str = ""
    leads_to: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    depends_on: tuple[str, ...] = ()
    parent: str = ""

    @property
    def region(self) -> str | None:
        """The Region that it is made in: its own property, else its provider's; None where it is not known."""
        own = self.properties.get("region")
        return None if own is UNKNOWN else text(self.properties, "region") or text(self.provider, "region")

    @property
    def default_tags(self) -> Mapping[str, Any] | None:
        """The tags that its provider gives to all that can have tags; None where they are not known."""
        return _mapping(_mapping(self.provider.get("defaultTags", {})) or {}, "tags")


def tags_of(resource: StackResource) -> Mapping[str, Any] | None:
    """The tags that a resource will have, its provider's and its own; None where they are not known."""
    own: Any = resource.properties.get("tags")
    given = resource.default_tags
    if own is UNKNOWN or given is None:
        return None
    return {**given, **cast("Mapping[str, Any]", own or {})}


def _mapping(value: object, key: str | None = None) -> Mapping[str, Any] | None:
    """A mapping, or the one under a key of it. The engine writes nested inputs of providers as JSON text."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return None
    if not isinstance(value, Mapping):
        return None
    members = cast("Mapping[str, Any]", value)
    return members if key is None else _mapping(members.get(key) or {})
