"""A mutant: our recorded exports with some of their policies changed, and how to make it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from infra.policy_documents import DOCUMENTS
from tests.proof.recorded.exports import Exports, recorded

#: A policy document as JSON.
Document = Mapping[str, Any]
Statement = Mapping[str, Any]

#: The topics' own property repeats AWS's default, which the policy that is a record of its own replaces.
_REPLACED = "aws:sns/topic:Topic"


@dataclass(frozen=True)
class Place:
    """A property of a resource of one of the recorded stacks.

    Args:
        owner: The owner of the stack.
        name: The resource's name in its program: ``roles-training``.
        type: The last part of its type token: ``RolePolicy``.
        property: The property.
    """

    owner: str
    name: str
    type: str
    property: str

    def __str__(self) -> str:
        return f"{self.owner} {self.type} {self.name}"


@dataclass(frozen=True)
class Edit:
    """A property with another value.

    Args:
        place: The property.
        value: Its value; None to take it away.
    """

    place: Place
    value: str | None

    @classmethod
    def document(cls, place: Place, statements: Sequence[Statement]) -> Edit:
        """A document with other statements."""
        return cls(place, json.dumps({**documents()[place], "Statement": list(statements)}))


@dataclass(frozen=True)
class Addition:
    """A resource that is added to a stack.

    Args:
        owner: The owner of the stack.
        type: Its type token.
        name: Its name.
        outputs: Its properties, as JSON.
    """

    owner: str
    type: str
    name: str
    outputs: str


@dataclass(frozen=True)
class Mutant:
    """Recorded exports that were changed.

    Args:
        name: What tests call it.
        kind: What was done: one of `Kind`'s names, or several joined by ``+``.
        edits: The properties that have other values.
        added: The resources that are new.
    """

    name: str
    kind: str
    edits: tuple[Edit, ...] = ()
    added: tuple[Addition, ...] = ()

    def exports(self) -> Exports:
        """The exports; stacks that are as recorded are shared."""
        touched = {edit.place.owner for edit in self.edits} | {each.owner for each in self.added}
        return {
            owner: self._changed(owner, export) if owner in touched else export for owner, export in recorded().items()
        }

    def _changed(self, owner: str, export: Mapping[str, Any]) -> Mapping[str, Any]:
        edits = {(edit.place.name, edit.place.type): edit for edit in self.edits if edit.place.owner == owner}
        resources = [
            _edited(each, edits[_key(each)]) if _key(each) in edits else each
            for each in export["deployment"]["resources"]
        ]
        resources += [_added(each, resources) for each in self.added if each.owner == owner]
        return {**export, "deployment": {**export["deployment"], "resources": resources}}


@cache
def documents() -> Mapping[Place, Document]:
    """Every policy document of the recorded stacks."""
    found: dict[Place, Document] = {}
    for owner, export in recorded().items():
        for each in export["deployment"]["resources"]:
            for key in DOCUMENTS.get(each["type"], {}):
                text = each["outputs"].get(key)
                if text and each["type"] != _REPLACED:
                    found[Place(owner, *_key(each), key)] = json.loads(text)
    return found


def document(owner: str, type_: str, name: str) -> Place:
    """The place of a document."""
    (found,) = (each for each in documents() if (each.owner, each.type, each.name) == (owner, type_, name))
    return found


def statements(place: Place) -> Sequence[Statement]:
    """The statements of a document."""
    return documents()[place]["Statement"]


def without_boundary(owner: str, role: str) -> Edit:
    """A role without its permissions boundary."""
    return Edit(Place(owner, role, "Role", "permissionsBoundary"), None)


def outputs(owner: str, type_: str, name: str) -> Mapping[str, Any]:
    """What the state knows of a recorded resource."""
    (found,) = (each for each in recorded()[owner]["deployment"]["resources"] if _key(each) == (name, type_))
    return found["outputs"]


def _key(resource: Mapping[str, Any]) -> tuple[str, str]:
    return resource["urn"].rpartition("::")[2], resource["type"].rpartition(":")[2]


def _edited(resource: Mapping[str, Any], edit: Edit) -> Mapping[str, Any]:
    kept = {key: value for key, value in resource["outputs"].items() if key != edit.place.property}
    return {**resource, "outputs": kept if edit.value is None else {**kept, edit.place.property: edit.value}}


def _added(new: Addition, others: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    like = next(each for each in others if each["type"].startswith("aws:"))
    project = like["urn"].split("::", 2)[1]
    state = json.loads(new.outputs)
    return {
        "urn": f"urn:pulumi:{new.owner}::{project}::{new.type}::{new.name}",
        "type": new.type,
        "custom": True,
        "id": state.get("id", new.name),
        "outputs": state,
        "provider": like["provider"],
    }
