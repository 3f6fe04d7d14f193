"""The vocabulary of the table: what an entry of `resources/` says about one resource type.

Read `README.md` beside this file for how to write one. Everything that follows from the SDK's schema or from
botocore's models is left out of an entry: property types, enumerations, which call carries which property, what forces
replacement.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from infra.sandbox.aws.action import Action
    from infra.sandbox.aws.wire import Properties

Rule = Callable[["Properties"], Iterable[tuple[str, str]]]
"""Inputs -> (property, reason) for each cross-property rule that they break; values may be unknown."""


@dataclass(frozen=True)
class Call:
    """One API operation that writes properties.

    `operation` is boto3's method; `at` the dotted path of the request structure whose members the properties are ("":
    the request itself); `properties` those it carries (None: all that it has a member for); `fixed` members with a
    constant or a template such as "{id}" over the resource's properties; `remove` is called instead when every property
    that the call carries was taken away; `adjust` changes the finished request where the API is irregular.
    """

    operation: str
    at: str = ""
    properties: tuple[str, ...] | None = None
    fixed: Mapping[str, Any] = field(default_factory=dict[str, Any])
    names: Mapping[str, str] = field(default_factory=dict[str, str])
    remove: Call | None = None
    adjust: Callable[[dict[str, Any]], dict[str, Any]] | None = None


@dataclass(frozen=True)
class Step:
    """A write that takes code: `run` is called when one of `properties` is set at creation or has changed."""

    properties: tuple[str, ...]
    run: Callable[[Action], None]


@dataclass(frozen=True)
class Read:
    """One API operation that reads properties.

    `at` is the dotted path of the structure in the answer; where it passes a list, `pick` (member, template) chooses
    the item. With `into`, the structure is that property instead of holding properties. `absent` are error codes that
    mean "not set", not "no such resource"; they and a missing structure make the properties of a second or later read
    None, and in the first read mean that the resource is gone. `properties` limits what is taken (None: all that
    match). `exists` looks at the structure and says whether it stands for a resource (one being deleted does not).
    `also` returns properties that the structure holds in a form of its own.
    """

    operation: str
    at: str = ""
    pick: tuple[str, str] | None = None
    into: str = ""
    properties: tuple[str, ...] | None = None
    fixed: Mapping[str, Any] = field(default_factory=dict[str, Any])
    names: Mapping[str, str] = field(default_factory=dict[str, str])
    absent: tuple[str, ...] = ()
    exists: Callable[[Mapping[str, Any]], bool] | None = None
    also: Callable[[Mapping[str, Any]], Properties] | None = None


@dataclass(frozen=True)
class Tags:
    """How tags are written and read after creation; members are inferred from the operations' shapes.

    `resource` is the template of the tagged resource's identifier. `listing` is None where a `Read` answers tags.
    `kind` is the resource type in creations that take "TagSpecifications" (EC2).
    """

    tag: str = "tag_resource"
    untag: str = "untag_resource"
    listing: str | None = "list_tags_for_resource"
    resource: str = "{arn}"
    kind: str = ""


@dataclass(frozen=True)
class Autoname:
    """The property that, not given, gets the logical name and seven hex digits, within `longest` characters."""

    property: str
    longest: int
    prefix: str = ""
    lower: bool = False


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One resource type.

    Attributes:
        type: Pulumi's type token, as in the SDK.
        service: boto3's service name.
        id: template over the inputs ("{role}:{name}", read back from an import's id the same way) or, without braces,
            the dotted path of the id in the answer of `create`.
        create: the call that makes it (or a function that makes it and returns an answer).
        writes: what a creating function writes, besides what `replace` names.
        settle: what is to be done once after the creation, before any property that it does not carry is written.
        reads: how it is read; the first decides whether it exists.
        updates: what writes changed properties; at creation, what writes the properties that `create` does not carry.
        delete: the call (or function) that removes it; None where the official provider only forgets it.
        identity: request members that identify the resource in every call that has them.
        names: property -> API member where they do not match by themselves; a call's own names come first.
        missing: what means that it does not exist: error codes, or "Code: part of the message".
        local: inputs that only the provider uses (forceDestroy).
        replace: inputs that force replacement although an update carries them; all that no update carries do anyway.
        replace_if: (old inputs, new inputs) -> further inputs whose change forces replacement in just this case.
        autoname: which property is named automatically.
        defaults: what the official provider fills in for unset inputs.
        templates: outputs that follow from others ("arn:{partition}:s3:::{bucket}").
        complete: returns further outputs from (action, state); None says that the resource is gone.
        absent: outputs of the schema that this provider leaves empty; each must be justified in a comment.
        rules: cross-property rules, checked at preview.
        same: property -> whether an old and a new value mean the same.
        computed: optional properties (dotted paths) that AWS fills in where they are not given, although the SDK does
            not say so: taking one away leaves it as it is.
        ordered: lists whose order matters; all others compare as sets.
        unstable: outputs that an update changes, unknown at its preview.
        retry: error text (in "Code: message") of AWS's eventual consistency on which a write is tried again.
        delete_before_replace: as the official provider declares it for types whose replacement would collide.
        unchecked: properties whose limits in botocore's model are not AWS's real ones.
    """

    type: str
    service: str
    id: str
    create: Call | Callable[[Action], Mapping[str, Any]]
    reads: tuple[Read, ...]
    writes: tuple[str, ...] = ()
    settle: Callable[[Action], None] | None = None
    updates: tuple[Call | Step, ...] = ()
    delete: Call | Callable[[Action], None] | None = None
    identity: Mapping[str, str] = field(default_factory=dict[str, str])
    names: Mapping[str, str] = field(default_factory=dict[str, str])
    missing: tuple[str, ...] = ()
    local: tuple[str, ...] = ()
    replace: tuple[str, ...] = ()
    replace_if: Callable[[Properties, Properties], Iterable[str]] | None = None
    autoname: Autoname | None = None
    defaults: Mapping[str, Any] = field(default_factory=dict[str, Any])
    templates: Mapping[str, str] = field(default_factory=dict[str, str])
    complete: Callable[[Action, Properties], Properties | None] | None = None
    absent: tuple[str, ...] = ()
    tags: Tags | None = None
    rules: tuple[Rule, ...] = ()
    same: Mapping[str, Callable[[Any, Any], bool]] = field(default_factory=dict[str, Callable[[Any, Any], bool]])
    computed: tuple[str, ...] = ()
    ordered: tuple[str, ...] = ()
    unstable: tuple[str, ...] = ()
    retry: tuple[str, ...] = ()
    delete_before_replace: bool = False
    unchecked: tuple[str, ...] = ()

    @property
    def short(self) -> str:
        """The token without package and file: `kms.Key`."""
        _, module, name = self.type.split(":")
        return f"{module.partition('/')[0]}.{name}"
