"""The vocabulary of the table of kinds: how resources of one type are listed and read into records.

A record has the type, the properties and the id that the official provider has in a stack's state, so that the proof
reads live resources as it reads deployed ones.
"""

from __future__ import annotations

import urllib.parse
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

Item = Mapping[str, Any]
Properties = Mapping[str, Any]


@dataclass(frozen=True)
class Found:
    """One resource as AWS has it.

    Args:
        token: The provider's type token.
        id: The provider's id.
        properties: By the provider's names.
    """

    token: str
    id: str
    properties: Properties


@dataclass(frozen=True, kw_only=True)
class Part:
    """A further read of a listed resource: for some of its properties, or for resources that are parts of it.

    Args:
        operation: boto3's name of the read.
        request: The request's members, as templates over the item: ``{"Bucket": "{Name}"}``.
        action: The IAM action that it needs.
        take: The properties in the answer.
        gives: Their names: what they are is not known where the read is denied.
        found: The parts in the answer, which are resources of their own; it is given the item and the answer.
        token: The type of these parts.
        nothing: Error codes that mean that the resource has no such part.
        essential: Whether a resource for which AWS does not answer this is gone.
    """

    operation: str
    request: Mapping[str, str | list[str]]
    action: str
    take: Callable[[Item], Properties] | None = None
    gives: tuple[str, ...] = ()
    found: Callable[[Item, Item], Iterable[Found]] | None = None
    token: str = ""
    nothing: tuple[str, ...] = ()
    essential: bool = False


@dataclass(frozen=True, kw_only=True)
class Kind:
    """How all resources of one type are read.

    Args:
        token: The provider's type token.
        service: boto3's name of the service.
        lists: boto3's name of the operation that lists them.
        at: The dotted path of the list in its answer.
        action: The IAM action that listing needs.
        made: The records in an item of the list: the resource first, then parts of it that the list answers too.
        parameters: Of the listing.
        parts: What is read for each.
        skips: Why a resource with such properties is left out of everything; None where it counts.
        also: The types of the further records in an item.
        nothing: Error codes that mean that there are none.
        optional: Why nothing is lost where it is not to be read; empty where it is.
    """

    token: str
    service: str
    lists: str
    at: str
    action: str
    made: Callable[[Item], Iterable[Found]]
    parameters: Mapping[str, Any] = field(default_factory=dict[str, Any])
    parts: tuple[Part, ...] = ()
    skips: Callable[[Properties], str | None] = lambda _: None
    also: tuple[str, ...] = ()
    nothing: tuple[str, ...] = ()
    optional: str = ""

    def tokens(self) -> Iterator[str]:
        """The types of all that it reads."""
        yield from (self.token, *self.also, *(part.token for part in self.parts if part.token))

    def actions(self) -> Iterator[str]:
        """The IAM actions that it needs."""
        yield self.action
        yield from (part.action for part in self.parts)


def tags(listed: object) -> dict[str, str]:
    """Tags as the provider has them, of any of the forms in which services answer them."""
    if isinstance(listed, Mapping):
        return {str(key): str(value) for key, value in cast("Mapping[str, Any]", listed).items()}
    found: dict[str, str] = {}
    for tag in cast("list[Mapping[str, Any]]", listed or []):
        key = tag.get("Key", tag.get("TagKey", tag.get("key")))
        found[str(key)] = str(tag.get("Value", tag.get("TagValue", tag.get("value", ""))))
    return found


def tags_part(action: str, operation: str, request: Mapping[str, str | list[str]], *, at: str = "Tags") -> Part:
    """The read of a resource's tags, for services that do not answer them where they describe it.

    Args:
        action: The IAM action that it needs.
        operation: boto3's name of the read.
        request: As `Part` has it.
        at: The member of the answer that holds the tags.
    """
    return Part(
        operation=operation,
        request=request,
        action=action,
        take=lambda answer: {"tags": tags(answer.get(at))},
        gives=("tags",),
    )


def document(written: object) -> object:
    """A policy document; IAM answers it in percent-encoding, which boto3 takes off of some answers only."""
    return urllib.parse.unquote(written) if isinstance(written, str) and written.startswith("%7B") else written


def camel(properties: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Members of an answer under the provider's names: ``BlockPublicAcls`` as ``blockPublicAcls``."""
    return {name[:1].lower() + name[1:]: properties.get(name) for name in names}


def given(properties: Mapping[str, Any]) -> dict[str, Any]:
    """The properties that have a value."""
    return {key: value for key, value in properties.items() if value is not None}
