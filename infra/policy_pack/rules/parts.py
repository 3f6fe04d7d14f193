"""How the resources of a stack belong together: which settings are of which bucket, which subnet is of which VPC.

One resource names another by a value that may not be known before it is made; where that value comes from always is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

from infra.constraints import UNKNOWN
from infra.policy_pack.planned import StackResource


def of_type(stack: Sequence[StackResource], *tokens: str) -> Iterator[StackResource]:
    """The resources of these types."""
    return (one for one in stack if one.type in tokens)


def names(part: StackResource, key: str, whole: StackResource, *by: str) -> bool:
    """Whether a property names a resource.

    Args:
        part: Has the property.
        key: The property: a text, or a list of texts.
        whole: The resource that it may name.
        by: The properties of ``whole`` that it can be named by.
    """
    if whole.urn and whole.urn in part.leads_to.get(key, ()):
        return True
    value: Any = part.properties.get(key)
    named = cast("list[Any]", value) if isinstance(value, list) else [value]
    known = [whole.properties.get(each) for each in by]
    return any(isinstance(one, str) and one in named for one in known)


def unknown(part: StackResource, key: str) -> bool:
    """Whether it cannot be said what a property names."""
    return part.properties.get(key) is UNKNOWN and not part.leads_to.get(key)


def parts_of(
    stack: Sequence[StackResource], token: str, key: str, whole: StackResource, *by: str
) -> list[StackResource] | None:
    """The resources of a type whose property names a resource; None where one of them may or may not."""
    found: list[StackResource] = []
    open_ = False
    for part in of_type(stack, token):
        if names(part, key, whole, *by):
            found.append(part)
        open_ = open_ or unknown(part, key)
    return found if found or not open_ else None
